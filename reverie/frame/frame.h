// frame.h: one picture in memory.
#pragma once

#include "reverie/tensor/tensor.h"

namespace reverie {

// The canvas of every dream: planar float32, RGB with the sRGB transfer curve, 0..255 display
// units. Values may leave that range between steps; they are never rounded until a codec writes
// them.
struct Frame {
  Tensor colour;  // [3,H,W]
  Tensor alpha;   // [1,H,W], 0..255, not premultiplied; empty when the picture is opaque

  std::int64_t height() const { return colour.shape().height(); }
  std::int64_t width() const { return colour.shape().width(); }
  Frame clone() const { return {colour.clone(), alpha.empty() ? Tensor() : alpha.clone()}; }
};

}  // namespace reverie
