#include "reverie/gradient/gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/gradient/guide.h"

namespace reverie {
namespace {

// Where a fraction of the picture's side lies on the canvas, as an index of the layer's `cells`; -1
// where it is not on the canvas.
std::int64_t cell_at(double fraction, std::int64_t picture, std::int64_t rolled, std::int64_t begin,
                     std::int64_t canvas, std::int64_t cells) {
  if (picture == 0) picture = canvas;
  const auto pixel =
      std::min(static_cast<std::int64_t>(fraction * static_cast<double>(picture)), picture - 1);
  const std::int64_t at = (((pixel + rolled) % picture) + picture) % picture - begin;
  return at < 0 || at >= canvas ? -1 : at * cells / canvas;
}

// The position in a layer of `shape` that a place of the picture has; -1 where it has none.
std::int64_t position_of(const Place& place, const CropPlacement& placement, const Shape& canvas,
                         const Shape& shape) {
  const std::int64_t x = cell_at(place.x, placement.width, placement.right, placement.left,
                                 canvas.width(), shape.width());
  const std::int64_t y = cell_at(place.y, placement.height, placement.down, placement.top,
                                 canvas.height(), shape.height());
  return x < 0 || y < 0 ? -1 : y * shape.width() + x;
}

// The fraction of the picture's side, 0..1, at the middle of one of a layer's `cells` along the
// canvas.
double fraction_at(std::int64_t cell, std::int64_t cells, std::int64_t picture, std::int64_t rolled,
                   std::int64_t begin, std::int64_t canvas) {
  if (picture == 0) picture = canvas;
  const double middle =
      (static_cast<double>(cell) + 0.5) * static_cast<double>(canvas) / static_cast<double>(cells);
  const double at = (middle + static_cast<double>(begin - rolled)) / static_cast<double>(picture);
  return at - std::floor(at);
}

// The neighbours that a fraction of a side lies between, in `count` samples whose middles are half
// a sample from the ends, and the weight of the second of them.
struct Between {
  std::int64_t first, second;
  float part;

  Between(double fraction, std::int64_t count) {
    const double at = std::clamp(fraction * static_cast<double>(count) - 0.5, 0.0,
                                 static_cast<double>(count - 1));
    first = static_cast<std::int64_t>(at);
    second = std::min(first + 1, count - 1);
    part = static_cast<float>(at - static_cast<double>(first));
  }
};

}  // namespace

Gradient::Gradient(std::unique_ptr<Plan> plan, std::shared_ptr<const BoundObjective> objective)
    : plan_(std::move(plan)), objective_(std::move(objective)) {
  for (const auto& term : objective_->terms)
    if (term.guide && term.guide->shape().channels() != plan_->target_shape(term.target).channels())
      throw BadShape(fmt::format(
          "the guide's features are {}, expected as many channels as the layer's {}",
          term.guide->shape().to_string(), plan_->target_shape(term.target).to_string()));
}

double Gradient::run(ConstView canvas, View grad, const CropPlacement& placement) {
  if (canvas.shape() != canvas_shape() || grad.shape() != canvas_shape())
    throw BadShape(fmt::format(
        "a gradient compiled for {} was given a canvas of {} and a gradient of {}",
        canvas_shape().to_string(), canvas.shape().to_string(), grad.shape().to_string()));
  constexpr double cancelled = std::numeric_limits<double>::quiet_NaN();
  if (!plan_->forward(canvas, cancel_)) return cancelled;
  const double value = fill_output_grads(placement);
  if (!std::isfinite(value))
    throw NonFinite(
        fmt::format("the objective is {}, expected a finite number; try a smaller step", value));
  return plan_->backward(grad, cancel_) ? value : cancelled;
}

// The weight of each position of a layer under a mask, bilinear.
std::span<const float> Gradient::position_weights(const Tensor& mask, const Shape& layer,
                                                  const CropPlacement& placement) {
  const std::int64_t height = layer.height(), width = layer.width();
  weights_.resize(static_cast<std::size_t>(height * width));
  const ConstView values = mask;
  parallel_for(height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      const Between rows(fraction_at(y, height, placement.height, placement.down, placement.top,
                                     canvas_shape().height()),
                         values.shape().height());
      for (std::int64_t x = 0; x < width; ++x) {
        const Between columns(fraction_at(x, width, placement.width, placement.right,
                                          placement.left, canvas_shape().width()),
                              values.shape().width());
        const auto in_row = [&](std::int64_t row) {
          const float left = values.at(0, row, columns.first);
          return left + columns.part * (values.at(0, row, columns.second) - left);
        };
        const float upper = in_row(rows.first);
        weights_[static_cast<std::size_t>(y * width + x)] =
            upper + rows.part * (in_row(rows.second) - upper);
      }
    }
  });
  return weights_;
}

double Gradient::fill_output_grads(const CropPlacement& placement) {
  for (int target = 0; target < plan_->targets(); ++target) {
    const View output_grad = plan_->output_grad(target);
    parallel_for(output_grad.size(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
      std::fill(output_grad.data() + begin, output_grad.data() + end, 0.f);
    });
  }
  double value = 0;
  for (const auto& term : objective_->terms) {
    const ConstView activation = plan_->activation(term.target);
    const View output_grad = plan_->output_grad(term.target);
    PositionOptions options;
    if (!placement.counted.empty())
      options.counted = &placement.counted[static_cast<std::size_t>(term.target)];
    if (term.at) {
      options.position = position_of(*term.at, placement, canvas_shape(), activation.shape());
      if (options.position < 0) continue;
    }
    if (term.mask) options.weights = position_weights(*term.mask, activation.shape(), placement);
    if (term.guide)
      value +=
          match_guide(activation, *term.guide, term.channels, term.weight, output_grad, options);
    else if (term.direction)
      value += add_direction(*term.direction, activation, term.weight, output_grad, options);
    else
      value += add_reduction(term.reduction, activation, term.channels, term.weight, output_grad,
                             options);
  }
  return value;
}

}  // namespace reverie
