// around.h: pictures that go on at the opposite edge, so that copies laid side by side show no
// seam.
#pragma once

#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// How far a canvas of this side is continued at both ends before the network sees it, px: as far as
// a feature of the usual dreaming layers sees, at most half of the side.
std::int64_t wrap_margin(std::int64_t side);

// The size with its margins.
Size wrapped_size(Size size);

// Overwrites `to` [C, H + 2 margin, W + 2 margin] with `from` [C,H,W] and what comes after its
// edges.
void pad_wrapped(ConstView from, View to);

// Overwrites `gradient` [C,H,W] with the gradient of a continued canvas: each pixel is the mean of
// its copies, those near the outer edges counting less, down to nothing where the network sees
// zeros.
void fold_wrapped(ConstView continued, View grad);

// `from`, [C,H,W], at another size: bilinear between pixel centres, and between the last pixel and
// the first.
Tensor resized_wrapped(ConstView from, Size size);

// Lets a picture [C,H,W] go on at its opposite edges: towards these, over a quarter of each side,
// it fades into itself displaced by half the side.
void make_seamless(View picture);

}  // namespace reverie
