// laplacian.h: normalises each level of a gradient's Laplacian pyramid.
#pragma once

#include "reverie/tensor/tensor.h"

namespace reverie {

// Splits `gradient` [C,H,W] into a Laplacian pyramid of `levels` bands and a rest, divides each by
// its root mean square over all pixels and channels (at least 1e-10), and puts them together again,
// in place. All threads; the same bits at any number of them.
//
// Source: TensorFlow's DeepDream notebook, lap_normalize: kernel [1,4,6,4,1] / 16 along each axis,
// every second sample kept, zeros past the edges, placed as TensorFlow's SAME padding places it.
void normalize_laplacian(View grad, int levels = 4);

}  // namespace reverie
