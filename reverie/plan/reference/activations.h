// activations.h: functions of one number and their derivatives, in double.
#pragma once

#include "reverie/graph/layer.h"

namespace reverie::reference {

double value_of(const Activation& activation, double x);

// Where a function has a corner, the derivative is what PyTorch takes there: that of the side below
// for an ELU, zero for an absolute value, one at the ends of a clip.
double derivative_of(const Activation& activation, double x);

}  // namespace reverie::reference
