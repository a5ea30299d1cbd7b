// normalize.h: layers that subtract a mean and divide by a deviation, in double.
#pragma once

#include "reverie/plan/reference/reference.h"

namespace reverie::reference {

// The value for an input x.
Array normalized(const Normalize& normalize, const Array& x);

// Adds to dx, given the input x and the gradient dy of the value.
void add_normalized_grads(const Normalize& normalize, const Array& x, const Array& dy, Array& dx);

}  // namespace reverie::reference
