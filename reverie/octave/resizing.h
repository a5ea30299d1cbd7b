// resizing.h: how a dream changes size between its levels, each way named after who does it so.
#pragma once

#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// An interpolation (see Resampler) and the rule that goes with it for sizes.
enum class Resizing {
  scipy,    // google/deepdream: bilinear, end points aligned
  tf1,      // TensorFlow 1: bilinear, corners aligned
  tf2,      // TensorFlow 2: bilinear, pixel centres aligned
  opencv,   // OpenCV: the same with other rules for sizes and rounding
  lanczos,  // three lobes, and no aliasing when shrinking
  pillow    // Lanczos in 8 bit, as Hvass Laboratories' tutorial does: cut to whole levels of 0..255
};

SizeRule size_rule(Resizing how);

// `from`, [C,H,W], at another size; a copy where the size is the same. Source of `pillow`: clip,
// cut to uint8, PIL's LANCZOS, which rounds to 8 bit after each axis; PIL's weights have 22 bits,
// so one in some thousand values may be off by one.
Tensor resized(ConstView from, Size size, Resizing how);

}  // namespace reverie
