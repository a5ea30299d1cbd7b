#include "reverie/ascent/climb.h"

#include <fmt/format.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

double mean_abs(ConstView values) {
  const double sum = parallel_sum(values.size(), [&](std::int64_t begin, std::int64_t end) {
    // Eight sums side by side: short enough to stay exact in float's exponent, wide enough for
    // vectors
    double lanes[8] = {};
    std::int64_t i = begin;
    for (; i + 8 <= end; i += 8)
      for (int lane = 0; lane < 8; ++lane) lanes[lane] += std::abs(values.data()[i + lane]);
    for (; i < end; ++i) lanes[0] += std::abs(values.data()[i]);
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  });
  return sum / static_cast<double>(values.size());
}

}  // namespace

int climb(View canvas, const Slope& slope_of, const AscentOptions& options,
          const std::function<Offset(int iteration)>& offset,
          const std::function<void(const Step&, ConstView canvas)>& after_step,
          const CancelToken* cancel) {
  Tensor rolled = Tensor::uninitialized(canvas.shape());
  Tensor slope = Tensor::uninitialized(canvas.shape());
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    if (cancel && cancel->cancelled()) return iteration;

    // Move the picture under the network's grid
    const Offset shift = offset(iteration);
    roll(canvas, shift, rolled);

    // Ask the network which way is up
    const double objective = slope_of(rolled, slope);
    const double mean_slope = mean_abs(slope);
    if (!std::isfinite(mean_slope))
      throw NonFinite(fmt::format("iteration {}: the gradient is not finite; try a smaller step",
                                  iteration + 1));

    // Climb an equal distance, whatever the layer's own scale; where nothing answers, stay
    if (mean_slope > 0)
      add_rolled(slope, {-shift.x, -shift.y}, static_cast<float>(options.step / mean_slope),
                 options.clip, canvas);
    if (after_step) after_step({iteration, objective, mean_slope}, canvas);
  }
  return options.iterations;
}

}  // namespace reverie
