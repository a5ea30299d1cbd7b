#include "reverie/gradient/gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/gradient/guide.h"

namespace reverie {
namespace {

// Where a share of the picture's side lies on the canvas, as an index of the layer's `cells`; -1
// where it is not on the canvas.
std::int64_t cell_at(double share, std::int64_t picture, std::int64_t rolled, std::int64_t begin,
                     std::int64_t canvas, std::int64_t cells) {
  if (picture == 0) picture = canvas;
  const auto pixel =
      std::min(static_cast<std::int64_t>(share * static_cast<double>(picture)), picture - 1);
  const std::int64_t at = (((pixel + rolled) % picture) + picture) % picture - begin;
  return at < 0 || at >= canvas ? -1 : at * cells / canvas;
}

// The position in a layer of `shape` that a place of the picture has; -1 where it has none.
std::int64_t position_of(const Place& place, const Surroundings& around, const Shape& canvas,
                         const Shape& shape) {
  const std::int64_t x =
      cell_at(place.x, around.width, around.right, around.left, canvas.width(), shape.width());
  const std::int64_t y =
      cell_at(place.y, around.height, around.down, around.top, canvas.height(), shape.height());
  return x < 0 || y < 0 ? -1 : y * shape.width() + x;
}

}  // namespace

Gradient::Gradient(std::unique_ptr<Plan> plan, std::shared_ptr<const BoundObjective> objective)
    : plan_(std::move(plan)), objective_(std::move(objective)) {
  for (const auto& term : objective_->terms)
    if (term.guide && term.guide->shape().channels() != plan_->target_shape(term.target).channels())
      throw BadShape(fmt::format("the guide's features {} do not fit the layer's {}",
                                 term.guide->shape().to_string(),
                                 plan_->target_shape(term.target).to_string()));
}

double Gradient::run(ConstView canvas, View slope, const Surroundings& around) {
  if (canvas.shape() != canvas_shape() || slope.shape() != canvas_shape())
    throw BadShape(fmt::format(
        "a gradient compiled for {} was given a canvas of {} and a slope of {}",
        canvas_shape().to_string(), canvas.shape().to_string(), slope.shape().to_string()));
  plan_->forward(canvas);
  const double value = fill_seeds(around);
  if (!std::isfinite(value)) throw NonFinite(fmt::format("the objective became {}", value));
  plan_->backward(slope);
  return value;
}

double Gradient::fill_seeds(const Surroundings& around) {
  for (int target = 0; target < plan_->targets(); ++target) {
    const View seed = plan_->seed(target);
    parallel_for(seed.size(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
      std::fill(seed.data() + begin, seed.data() + end, 0.f);
    });
  }
  double value = 0;
  for (const auto& term : objective_->terms) {
    const ConstView activation = plan_->activation(term.target);
    const View seed = plan_->seed(term.target);
    std::int64_t position = -1;
    if (term.at) {
      position = position_of(*term.at, around, canvas_shape(), activation.shape());
      if (position < 0) continue;
    }
    if (term.guide)
      value += match_guide(activation, *term.guide, term.channels, term.weight, seed);
    else if (term.direction)
      value += add_direction(*term.direction, activation, term.weight, seed, position);
    else
      value += add_measure(term.measure, activation, term.channels, term.weight, seed, position);
  }
  return value;
}

}  // namespace reverie
