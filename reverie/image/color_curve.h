// color_curve.h: the sRGB transfer curve.
#pragma once

#include <cmath>

namespace reverie {

// Linear light to the sRGB curve and back. 0..1 maps to 0..1; larger values follow the curve, and
// negative ones mirror it. Source: IEC 61966-2-1.
inline float srgb_encode(float linear) {
  const float v = std::fabs(linear);
  const float encoded = v <= 0.0031308f ? 12.92f * v : 1.055f * std::pow(v, 1 / 2.4f) - 0.055f;
  return std::copysign(encoded, linear);
}
inline float srgb_decode(float encoded) {
  const float v = std::fabs(encoded);
  const float linear = v <= 0.04045f ? v / 12.92f : std::pow((v + 0.055f) / 1.055f, 2.4f);
  return std::copysign(linear, encoded);
}

}  // namespace reverie
