#include "reverie/ascent/climb.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "reverie/ascent/gaussian.h"
#include "reverie/ascent/regularise.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

void scale_channels(View values, const std::array<float, 3>& gain) {
  if (gain == std::array<float, 3>{1, 1, 1}) return;
  const std::int64_t plane = values.size() / 3;
  parallel_for(values.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      values.data()[i] *= gain[static_cast<std::size_t>(i / plane)];
  });
}

// Every colour's slope becomes the mean of the three.
void make_grey(View slope) {
  const std::int64_t plane = slope.size() / 3;
  parallel_for(plane, 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      float* const red = slope.data() + i;
      red[0] = red[plane] = red[2 * plane] = (red[0] + red[plane] + red[2 * plane]) / 3;
    }
  });
}

void clear_outside(ConstView where, View slope) {
  const std::int64_t plane = where.size();
  parallel_for(slope.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      if (where.data()[i % plane] == 0) slope.data()[i] = 0;
  });
}

// Whether smoothing or normalising depends on where the canvas's edges are.
bool needs_edges(const AscentOptions& options) {
  if (options.around) return false;
  return options.smooth == Smoothing::growing || options.smooth == Smoothing::growing_colour ||
         options.normalise == Normalisation::bands;
}

// Whether what is done to the slope depends on where the canvas's pixels are.
bool needs_pixels(const AscentOptions& options) {
  return !options.where.empty() || options.optimiser != Optimiser::plain ||
         options.total_variation > 0 || options.source_distance > 0;
}

// Takes the regularisers' slopes off `slope`, whose mean is `size`.
void regularise(ConstView canvas, const AscentOptions& options, double size, View slope) {
  if (options.total_variation > 0)
    add_total_variation(canvas, -options.total_variation * size, slope);
  if (options.source_distance > 0)
    add_source_distance(canvas, options.source, -options.source_distance * size, slope);
}

// Where the canvas may move, and as it may. `change` is overwritten.
void soften(View canvas, const AscentOptions& options, View change) {
  const std::vector<double> taps = gaussian_taps(options.blur, scipy_radius(options.blur));
  convolve(canvas, taps, options.around ? Edge::around : Edge::repeated, change);
  const auto for_all = [&](const auto& body) {
    parallel_for(canvas.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) body(canvas.data()[i], change.data()[i]);
    });
  };
  for_all([](float now, float& way) { way -= now; });
  if (options.grey) make_grey(change);
  if (!options.where.empty()) clear_outside(options.where, change);
  for_all([](float& now, float way) { now += way; });
}

// The slope at `rolled` as it is held, brought back; `rolled` is overwritten.
double slope_swayed(const Slope& slope_of, const Sway& sway, View rolled, View slope) {
  if (sway == Sway{}) return slope_of(rolled, slope);
  sway_picture(rolled, sway, slope);
  const double objective = slope_of(slope, rolled);
  unsway_slope(rolled, sway, slope);
  return objective;
}

}  // namespace

int climb(View canvas, const Slope& slope_of, const AscentOptions& options,
          const ClimbHooks& hooks) {
  Tensor rolled = Tensor::uninitialized(canvas.shape());
  Tensor slope = Tensor::uninitialized(canvas.shape());
  Mover mover(canvas.shape(), options.optimiser, options.memory);
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    if (hooks.cancel && hooks.cancel->cancelled()) return iteration;

    // Move the picture under the network's grid
    Offset shift = hooks.offset(iteration);
    roll(canvas, shift, rolled);

    // Ask the network which way is up
    const Sway sway = hooks.sway ? hooks.sway(iteration) : Sway{};
    const double objective = slope_swayed(slope_of, sway, rolled, slope);
    const double mean_slope = mean_abs(slope);
    if (!std::isfinite(mean_slope))
      throw NonFinite(fmt::format("iteration {}: the gradient is not finite; try a smaller step",
                                  iteration + 1));

    // Leave out the finest grain, where that is wanted
    scale_channels(slope, options.gain);
    const auto roll_back = [&] {
      if (shift == Offset{}) return;
      roll(slope, {-shift.x, -shift.y}, rolled);
      std::swap(slope, rolled);
      shift = {};
    };
    if (needs_edges(options)) roll_back();
    smooth(slope, options.smooth, iteration, options.iterations, options.around);
    if (options.grey) make_grey(slope);

    // Climb an equal distance, whatever the layer's own scale; where nothing answers, stay
    const double size = mean_slope > 0 ? normalise(slope, options.normalise, options.epsilon) : 0;
    scale_channels(slope, options.gain);
    if (needs_pixels(options)) roll_back();
    regularise(canvas, options, size, slope);
    if (!options.where.empty()) clear_outside(options.where, slope);
    if (size > 0)
      mover.move(slope, {-shift.x, -shift.y}, options.step / size, options.step, options.clip,
                 canvas);
    if (options.blur > 0) soften(canvas, options, slope);
    if (hooks.settle) hooks.settle(canvas);
    if (hooks.after_step) hooks.after_step({iteration, objective, mean_slope}, canvas);
  }
  return options.iterations;
}

}  // namespace reverie
