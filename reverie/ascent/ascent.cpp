#include "reverie/ascent/ascent.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "reverie/ascent/gaussian.h"
#include "reverie/ascent/regularize.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

void scale_channels(View values, const std::array<float, 3>& channel_scale) {
  if (channel_scale == std::array<float, 3>{1, 1, 1}) return;
  const std::int64_t plane = values.size() / 3;
  parallel_for(values.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      values.data()[i] *= channel_scale[static_cast<std::size_t>(i / plane)];
  });
}

// Every color's gradient becomes the mean of the three.
void make_grey(View grad) {
  const std::int64_t plane = grad.size() / 3;
  parallel_for(plane, 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      float* const red = grad.data() + i;
      red[0] = red[plane] = red[2 * plane] = (red[0] + red[plane] + red[2 * plane]) / 3;
    }
  });
}

void clear_outside(ConstView mask, View grad) {
  const std::int64_t plane = mask.size();
  parallel_for(grad.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      if (mask.data()[i % plane] == 0) grad.data()[i] = 0;
  });
}

// Whether smoothing or normalizing depends on where the canvas's edges are.
bool needs_edges(const AscentOptions& options) {
  if (options.wrap) return false;
  return options.smooth == Smoothing::growing || options.smooth == Smoothing::growing_color ||
         options.normalize == Normalization::laplacian;
}

// Whether what is done to the gradient depends on where the canvas's pixels are.
bool needs_pixels(const AscentOptions& options) {
  return !options.mask.empty() || options.optimizer != OptimizerKind::ascent ||
         options.tv_penalty > 0 || options.source_penalty > 0;
}

// Takes the regularizers' gradients off `gradient`, whose mean is `size`.
void regularize(ConstView canvas, const AscentOptions& options, double size, View grad) {
  if (options.tv_penalty > 0) add_total_variation(canvas, -options.tv_penalty * size, grad);
  if (options.source_penalty > 0)
    add_source_distance(canvas, options.source, -options.source_penalty * size, grad);
}

// Where the canvas may move, and as it may. `change` is overwritten.
void soften(View canvas, const AscentOptions& options, View change) {
  const std::vector<double> taps = gaussian_taps(options.blur, scipy_radius(options.blur));
  convolve(canvas, taps, options.wrap ? Edge::wrap : Edge::symmetric, change);
  const auto for_all = [&](const auto& body) {
    parallel_for(canvas.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) body(canvas.data()[i], change.data()[i]);
    });
  };
  for_all([](float now, float& way) { way -= now; });
  if (options.color == Color::keep) make_grey(change);
  if (!options.mask.empty()) clear_outside(options.mask, change);
  for_all([](float& now, float way) { now += way; });
}

// The gradient at `rolled` as it is held, brought back; `rolled` is overwritten.
double augmented_gradient(const GradientFunction& gradient_of, const StepContext& step, View rolled,
                          View grad) {
  if (step.augmentation == Augmentation{}) return gradient_of(rolled, grad, step);
  augment(rolled, step.augmentation, grad);
  const double objective = gradient_of(grad, rolled, step);
  augment_transpose(rolled, step.augmentation, grad);
  return objective;
}

}  // namespace

int ascend(View canvas, const GradientFunction& gradient_of, const AscentOptions& options,
           const AscentHooks& hooks) {
  Tensor rolled = Tensor::uninitialized(canvas.shape());
  Tensor grad = Tensor::uninitialized(canvas.shape());
  Optimizer optimizer(canvas.shape(), options.optimizer, options.momentum);
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    if (hooks.cancel && hooks.cancel->cancelled()) return iteration;

    // Move the picture under the network's grid
    const StepContext step = hooks.context(iteration);
    Offset shift = step.offset;
    roll(canvas, shift, rolled);

    // The gradient at the rolled and augmented canvas
    const double objective = augmented_gradient(gradient_of, step, rolled, grad);
    if (std::isnan(objective) && hooks.cancel && hooks.cancel->cancelled()) return iteration;
    const double mean_grad = mean_abs(grad);
    if (!std::isfinite(mean_grad))
      throw NonFinite(fmt::format("iteration {}: the gradient is not finite; try a smaller step",
                                  iteration + 1));

    // Smooth the gradient
    scale_channels(grad, options.channel_scale);
    const auto roll_back = [&] {
      if (shift == Offset{}) return;
      roll(grad, {-shift.x, -shift.y}, rolled);
      std::swap(grad, rolled);
      shift = {};
    };
    if (needs_edges(options)) roll_back();
    smooth(grad, options.smooth, iteration, options.iterations, options.wrap);
    if (options.color == Color::keep) make_grey(grad);

    // Step an equal distance, whatever the layer's own scale; without a gradient, stay
    const double size = mean_grad > 0 ? normalize(grad, options.normalize, options.epsilon) : 0;
    scale_channels(grad, options.channel_scale);
    if (needs_pixels(options)) roll_back();
    regularize(canvas, options, size, grad);
    if (!options.mask.empty()) clear_outside(options.mask, grad);
    if (size > 0)
      optimizer.move(grad, {-shift.x, -shift.y}, options.step / size, options.step, options.clip,
                     canvas);
    if (options.blur > 0) soften(canvas, options, grad);
    if (hooks.constrain) hooks.constrain(canvas);
    if (hooks.after_step) hooks.after_step({iteration, objective, mean_grad}, canvas);
  }
  return options.iterations;
}

}  // namespace reverie
