#include "reverie/frame/camera.h"

#include <array>
#include <cmath>
#include <numbers>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

// Four samples along an axis, and what each counts.
struct Taps {
  std::array<std::int64_t, 4> at;
  std::array<float, 4> weight;
};

// The sample that a mirror at the edges shows; the edge sample is repeated.
std::int64_t mirrored(std::int64_t i, std::int64_t size) {
  const std::int64_t period = 2 * size;
  i = (i % period + period) % period;
  return i < size ? i : period - 1 - i;
}

// Source: Catmull and Rom 1974; Keys' cubic with a = -1/2.
Taps taps_at(double position, std::int64_t size) {
  const double floor = std::floor(position);
  const auto t = static_cast<float>(position - floor);
  const auto first = static_cast<std::int64_t>(floor) - 1;
  Taps taps;
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t i = first + k;
    taps.at[static_cast<std::size_t>(k)] = i >= 0 && i < size ? i : mirrored(i, size);
  }
  taps.weight = {t * (-0.5f + t * (1 - 0.5f * t)), 1 + t * t * (-2.5f + 1.5f * t),
                 t * (0.5f + t * (2 - 1.5f * t)), t * t * (-0.5f + 0.5f * t)};
  return taps;
}

float sample(const float* plane, std::int64_t width, const Taps& x, const Taps& y) {
  float sum = 0;
  for (std::size_t j = 0; j < 4; ++j) {
    const float* const row = plane + y.at[j] * width;
    float along = 0;
    for (std::size_t i = 0; i < 4; ++i) along += x.weight[i] * row[x.at[i]];
    sum += y.weight[j] * along;
  }
  return sum;
}

}  // namespace

void move_camera(ConstView from, const CameraMove& move, View to) {
  const Shape& shape = from.shape();
  if (shape.rank() != 3 || shape != to.shape() || shape.elements() == 0)
    throw BadShape("a camera wants two pictures of one size");
  const std::int64_t channels = shape.channels(), height = shape.height(), width = shape.width();

  // Where a pixel of the new frame lies in the old: turned back and brought nearer to the centre
  const double angle = move.turn * std::numbers::pi / 180;
  const double along = std::cos(angle) / move.zoom, across = std::sin(angle) / move.zoom;
  const double centre_x = move.centre_x * static_cast<double>(width) - 0.5;
  const double centre_y = move.centre_y * static_cast<double>(height) - 0.5;

  parallel_for(height, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const double dx = static_cast<double>(x) + move.pan_x - centre_x;
        const double dy = static_cast<double>(y) + move.pan_y - centre_y;
        const Taps horizontal = taps_at(centre_x + along * dx + across * dy, width);
        const Taps vertical = taps_at(centre_y - across * dx + along * dy, height);
        for (std::int64_t c = 0; c < channels; ++c)
          to.at(c, y, x) = sample(from.data() + c * height * width, width, horizontal, vertical);
      }
  });
}

}  // namespace reverie
