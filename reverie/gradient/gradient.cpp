#include "reverie/gradient/gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/gradient/guide.h"

namespace reverie {

Gradient::Gradient(std::unique_ptr<Plan> plan, std::shared_ptr<const BoundObjective> objective)
    : plan_(std::move(plan)), objective_(std::move(objective)) {
  for (const auto& term : objective_->terms)
    if (term.guide && term.guide->shape().channels() != plan_->target_shape(term.target).channels())
      throw BadShape(fmt::format("the guide's features {} do not fit the layer's {}",
                                 term.guide->shape().to_string(),
                                 plan_->target_shape(term.target).to_string()));
}

double Gradient::run(ConstView canvas, View slope) {
  if (canvas.shape() != canvas_shape() || slope.shape() != canvas_shape())
    throw BadShape(fmt::format(
        "a gradient compiled for {} was given a canvas of {} and a slope of {}",
        canvas_shape().to_string(), canvas.shape().to_string(), slope.shape().to_string()));
  plan_->forward(canvas);
  const double value = fill_seeds();
  if (!std::isfinite(value)) throw NonFinite(fmt::format("the objective became {}", value));
  plan_->backward(slope);
  return value;
}

double Gradient::fill_seeds() {
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
    value += term.guide ? match_guide(activation, *term.guide, term.channels, term.weight, seed)
                        : add_measure(term.measure, activation, term.channels, term.weight, seed);
  }
  return value;
}

}  // namespace reverie
