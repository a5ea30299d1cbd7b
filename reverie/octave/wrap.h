// wrap.h: periodic pictures, so that copies laid side by side show no seam.
#pragma once

#include "reverie/graph/footprint.h"
#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// How far a canvas is extended periodically at both ends of each axis, px.
struct WrapMargins {
  std::int64_t y = 0, x = 0;
};

// The layers' halo plus what fold_wrapped() ignores, rounded up to their alignment; at most a
// quarter of the side, or four positions where that is more, but never more than half of the side.
// Where the limit is less than the halo, the gradient at the seam is approximate.
WrapMargins wrap_margins(Size size, const Footprint& needs);

// The size with its margins.
Size wrapped_size(Size size, const WrapMargins& margins);

// Overwrites `to` [C, H + 2 margins.y, W + 2 margins.x] with `from` [C,H,W] and its periodic
// extension.
void pad_wrapped(ConstView from, const WrapMargins& margins, View to);

// Overwrites `grad` [C,H,W] with the gradient of an extended canvas: each pixel is the weighted
// mean of its copies. Copies in the outer three quarters of the margins, near the network's zero
// padding, have weight 0.
void fold_wrapped(ConstView continued, const WrapMargins& margins, View grad);

// `from`, [C,H,W], at another size: bilinear between pixel centres, and between the last pixel and
// the first.
Tensor resized_wrapped(ConstView from, Size size);

// Makes a picture [C,H,W] periodic: near its edges, over a quarter of each side, it is cross-faded
// with itself displaced by half the side.
void make_seamless(View picture);

}  // namespace reverie
