// mask.h: masks of where a picture dreams, and keeping its colors.
#pragma once

#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// How a grey picture is made into a mask.
struct MaskOptions {
  bool invert = false;
  double feather_px = 0;  // the mask's edge fades over about this far, inwards
};

// A mask of `size` from `grey`, [1,h,w] of 0..255, of any size: [1,H,W] of 0..1, the weight of
// the dream in each pixel. A feathered edge fades on its inner side only, so no pixel outside
// dreams.
Tensor make_mask(ConstView grey, Size size, const MaskOptions& options);

// A mask at another size, without overshoot: 0 where all covered pixels are 0.
Tensor resized_mask(ConstView mask, Size size);

// canvas = source + mask * (canvas - source): the source's bits where the mask is 0, the canvas's
// where it is 1. Canvas and source [3,H,W], mask [1,H,W].
void mix_by_mask(ConstView source, ConstView mask, View canvas);

// Gives every pixel of `canvas` the color of `source` and keeps its luma, as far as values stay in
// 0..255: red, green and blue of the source plus one amount. Both [3,H,W] display units.
void keep_color(ConstView source, View canvas);

}  // namespace reverie
