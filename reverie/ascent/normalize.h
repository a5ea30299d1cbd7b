// normalize.h: normalises gradients, so that steps have one size whatever the layer's scale.
#pragma once

#include "reverie/ascent/kinds.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// The mean of |values| over all channels and pixels.
double mean_abs(ConstView values);

// Returns the divisor that normalises a gradient [C,H,W]; 0 where the gradient is 0. `standardize`
// and `laplacian` change the gradient first. `epsilon`, in the gradient's unit, is added to the
// divisor, as some programs do to avoid a division by 0.
double normalize(View grad, Normalization how, double epsilon);

}  // namespace reverie
