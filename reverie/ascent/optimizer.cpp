#include "reverie/ascent/optimizer.h"

#include <cassert>
#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr double square_memory = 0.999;
constexpr double min_root = 1e-8;

}  // namespace

Optimizer::Optimizer(const Shape& canvas, OptimizerKind how, double momentum)
    : how_(how), momentum_(momentum) {
  if (has_state()) mean_ = Tensor(canvas);
  if (how == OptimizerKind::adam) square_ = Tensor(canvas);
}

void Optimizer::average(ConstView grad, double factor) {
  const auto kept = static_cast<float>(momentum_),
             added = static_cast<float>((1 - momentum_) * factor);
  parallel_for(grad.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      mean_.data()[i] = kept * mean_.data()[i] + added * grad.data()[i];
  });
}

void Optimizer::average_squares(ConstView grad, double factor) {
  const auto kept = static_cast<float>(square_memory), unit = static_cast<float>(factor);
  parallel_for(grad.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float value = unit * grad.data()[i];
      square_.data()[i] = kept * square_.data()[i] + (1 - kept) * value * value;
    }
  });
}

void Optimizer::move(ConstView grad, Offset shift, double factor, double step, bool clip,
                     View canvas) {
  assert(!has_state() || shift == Offset{});
  ++moves_;
  if (how_ == OptimizerKind::ascent)
    return add_rolled(grad, shift, static_cast<float>(factor), clip, canvas);
  if (how_ == OptimizerKind::momentum) {
    average(grad, factor);
    return add_rolled(mean_, {}, 1, clip, canvas);
  }
  if (step == 0) return;
  average(grad, factor / step);
  average_squares(grad, factor / step);
  const double unbiased_mean = 1 - std::pow(momentum_, moves_);
  const double unbiased_square = 1 - std::pow(double{static_cast<float>(square_memory)}, moves_);
  const auto scale = static_cast<float>(step / unbiased_mean);
  const auto root_scale = static_cast<float>(1 / std::sqrt(unbiased_square));
  parallel_for(canvas.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float root = root_scale * std::sqrt(square_.data()[i]);
      float& v = canvas.data()[i];
      v += scale * mean_.data()[i] / (root + static_cast<float>(min_root));
      if (clip) v = std::min(std::max(v, 0.f), 255.f);
    }
  });
}

}  // namespace reverie
