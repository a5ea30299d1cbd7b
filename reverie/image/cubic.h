// cubic.h: Catmull-Rom interpolation between pixels. Internal to image/.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace reverie {

// Four samples along an axis, and their weights.
struct CubicTaps {
  std::array<std::int64_t, 4> at;
  std::array<float, 4> weight;
};

// The sample at `i` with symmetric extension (the edge sample is repeated).
inline std::int64_t mirrored(std::int64_t i, std::int64_t size) {
  const std::int64_t period = 2 * size;
  i = (i % period + period) % period;
  return i < size ? i : period - 1 - i;
}

// Source: Catmull and Rom 1974; Keys' cubic with a = -1/2.
inline CubicTaps cubic_taps(double position, std::int64_t size) {
  const double floor = std::floor(position);
  const auto t = static_cast<float>(position - floor);
  const auto first = static_cast<std::int64_t>(floor) - 1;
  CubicTaps taps;
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t i = first + k;
    taps.at[static_cast<std::size_t>(k)] = i >= 0 && i < size ? i : mirrored(i, size);
  }
  taps.weight = {t * (-0.5f + t * (1 - 0.5f * t)), 1 + t * t * (-2.5f + 1.5f * t),
                 t * (0.5f + t * (2 - 1.5f * t)), t * t * (-0.5f + 0.5f * t)};
  return taps;
}

inline float cubic_sample(const float* plane, std::int64_t width, const CubicTaps& x,
                          const CubicTaps& y) {
  float sum = 0;
  for (std::size_t j = 0; j < 4; ++j) {
    const float* const row = plane + y.at[j] * width;
    float along = 0;
    for (std::size_t i = 0; i < 4; ++i) along += x.weight[i] * row[x.at[i]];
    sum += y.weight[j] * along;
  }
  return sum;
}

}  // namespace reverie
