// wrap.h: pictures that go on at the opposite edge, so that copies laid side by side show no seam.
#pragma once

#include "reverie/graph/footprint.h"
#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// How far a canvas is continued at both ends of each axis before the network sees it, px.
struct WrapMargins {
  std::int64_t y = 0, x = 0;
};

// As far as the layers' halo asks, but for what fold_wrapped() takes off, at multiples of their
// alignment; at most a quarter of the side, or four positions where that is more, and half of it.
// Where that is less than the halo asks, the gradient at the seam is approximate.
WrapMargins wrap_margins(Size size, const Footprint& needs);

// The size with its margins.
Size wrapped_size(Size size, const WrapMargins& margins);

// Overwrites `to` [C, H + 2 margins.y, W + 2 margins.x] with `from` [C,H,W] and what comes after
// its edges.
void pad_wrapped(ConstView from, const WrapMargins& margins, View to);

// Overwrites `grad` [C,H,W] with the gradient of a continued canvas: each pixel is the weighted
// mean of its copies. Those in the outer three quarters of the margins, where the network sees
// zeros beyond the end, have no weight.
void fold_wrapped(ConstView continued, const WrapMargins& margins, View grad);

// `from`, [C,H,W], at another size: bilinear between pixel centres, and between the last pixel and
// the first.
Tensor resized_wrapped(ConstView from, Size size);

// Lets a picture [C,H,W] go on at its opposite edges: towards these, over a quarter of each side,
// it fades into itself displaced by half the side.
void make_seamless(View picture);

}  // namespace reverie
