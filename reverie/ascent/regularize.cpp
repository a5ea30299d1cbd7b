#include "reverie/ascent/regularize.h"

#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr double distance_unit = 16;  // levels

// A pixel's differences to its right and lower neighbour, and the root that they make.
struct Difference {
  double dx = 0, dy = 0, root = 1;
};

Difference difference_at(ConstView canvas, std::int64_t line, std::int64_t x) {
  const std::int64_t height = canvas.shape().height(), width = canvas.shape().width();
  const float* const at = canvas.data() + line * width + x;
  Difference d;
  if (x + 1 < width) d.dx = double{at[1]} - at[0];
  if (line % height + 1 < height) d.dy = double{at[width]} - at[0];
  d.root = std::sqrt(d.dx * d.dx + d.dy * d.dy + 1);
  return d;
}

}  // namespace

double add_total_variation(ConstView canvas, double weight, View grad) {
  const std::int64_t height = canvas.shape().height(), width = canvas.shape().width();
  return parallel_sum(canvas.size(), [&](std::int64_t begin, std::int64_t end) {
    double sum = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t line = i / width, x = i % width;
      const Difference own = difference_at(canvas, line, x);
      sum += own.root - 1;

      // The pixel is the near end of its own differences, and the far end of two neighbours'
      double change = -(own.dx + own.dy) / own.root;
      if (x > 0) {
        const Difference left = difference_at(canvas, line, x - 1);
        change += left.dx / left.root;
      }
      if (line % height > 0) {
        const Difference upper = difference_at(canvas, line - 1, x);
        change += upper.dy / upper.root;
      }
      grad.data()[i] += static_cast<float>(weight * change);
    }
    return sum;
  });
}

double add_source_distance(ConstView canvas, ConstView source, double weight, View grad) {
  return parallel_sum(canvas.size(), [&](std::int64_t begin, std::int64_t end) {
    double sum = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const double away = double{canvas.data()[i]} - source.data()[i];
      sum += away * away / (2 * distance_unit);
      grad.data()[i] += static_cast<float>(weight * away / distance_unit);
    }
    return sum;
  });
}

}  // namespace reverie
