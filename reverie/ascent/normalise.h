// normalise.h: how long a step is, whatever the layer's own scale.
#pragma once

#include "reverie/tensor/tensor.h"

namespace reverie {

enum class Normalisation {
  mean,       // by the mean of |g|. Source: google/deepdream, dream.ipynb
  deviation,  // by the standard deviation. Source: TensorFlow 2's tutorial; Hvass Laboratories
  standard,   // the mean taken off, by the unbiased deviation. Source: pytorch-deepdream
  bands       // each Laplacian band by its root mean square: see normalise_bands
};

// The mean of |values| over all channels and pixels.
double mean_abs(ConstView values);

// Returns what a slope [C,H,W] is to be divided by so that all slopes are equally long; 0 where
// there is no slope. `standard` and `bands` change the slope first. `epsilon`, in the slope's
// unit, is added to the divisor, as programs do that guard against 0.
double normalise(View slope, Normalisation how, double epsilon);

}  // namespace reverie
