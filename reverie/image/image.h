// image.h: one picture in memory.
#pragma once

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// The canvas of every dream: planar float32, RGB with the sRGB transfer curve, 0..255 display
// units. Values may leave that range between steps; they are never rounded until a codec writes
// them.
struct Image {
  Tensor color;  // [3,H,W]
  Tensor alpha;  // [1,H,W], 0..255, not premultiplied; empty when the picture is opaque

  std::int64_t height() const { return color.shape().height(); }
  std::int64_t width() const { return color.shape().width(); }
  Image clone() const { return {color.clone(), alpha.empty() ? Tensor() : alpha.clone()}; }
};

}  // namespace reverie
