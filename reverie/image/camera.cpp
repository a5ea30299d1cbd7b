#include "reverie/image/camera.h"

#include <cmath>
#include <numbers>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/image/cubic.h"

namespace reverie {
void move_camera(ConstView from, const CameraMove& move, View to) {
  const Shape& shape = from.shape();
  if (shape.rank() != 3 || shape != to.shape() || shape.elements() == 0)
    throw BadShape("the camera's pictures differ in size, expected one size");
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
        const CubicTaps horizontal = cubic_taps(centre_x + along * dx + across * dy, width);
        const CubicTaps vertical = cubic_taps(centre_y - across * dx + along * dy, height);
        for (std::int64_t c = 0; c < channels; ++c)
          to.at(c, y, x) =
              cubic_sample(from.data() + c * height * width, width, horizontal, vertical);
      }
  });
}

}  // namespace reverie
