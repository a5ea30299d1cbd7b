// normalize.h: how long a step is, whatever the layer's own scale.
#pragma once

#include "reverie/ascent/kinds.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// The mean of |values| over all channels and pixels.
double mean_abs(ConstView values);

// Returns what a gradient [C,H,W] is to be divided by so that all gradients are equally long; 0
// where there is no gradient. `standard` and `bands` change the gradient first. `epsilon`, in the
// gradient's unit, is added to the divisor, as programs do that guard against 0.
double normalize(View grad, Normalization how, double epsilon);

}  // namespace reverie
