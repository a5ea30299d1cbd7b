#include "reverie/ascent/mover.h"

#include <cassert>
#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr double square_memory = 0.999;
constexpr double least_root = 1e-8;

}  // namespace

Mover::Mover(const Shape& canvas, Optimiser how, double memory) : how_(how), memory_(memory) {
  if (remembers()) mean_ = Tensor(canvas);
  if (how == Optimiser::adam) square_ = Tensor(canvas);
}

void Mover::average(ConstView slope, double factor) {
  const auto kept = static_cast<float>(memory_), added = static_cast<float>((1 - memory_) * factor);
  parallel_for(slope.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      mean_.data()[i] = kept * mean_.data()[i] + added * slope.data()[i];
  });
}

void Mover::average_squares(ConstView slope, double factor) {
  const auto kept = static_cast<float>(square_memory), unit = static_cast<float>(factor);
  parallel_for(slope.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float value = unit * slope.data()[i];
      square_.data()[i] = kept * square_.data()[i] + (1 - kept) * value * value;
    }
  });
}

void Mover::move(ConstView slope, Offset shift, double factor, double step, bool clip,
                 View canvas) {
  assert(!remembers() || shift == Offset{});
  ++moves_;
  if (how_ == Optimiser::plain)
    return add_rolled(slope, shift, static_cast<float>(factor), clip, canvas);
  if (how_ == Optimiser::momentum) {
    average(slope, factor);
    return add_rolled(mean_, {}, 1, clip, canvas);
  }
  if (step == 0) return;
  average(slope, factor / step);
  average_squares(slope, factor / step);
  const double unbiased_mean = 1 - std::pow(memory_, moves_);
  const double unbiased_square = 1 - std::pow(double{static_cast<float>(square_memory)}, moves_);
  const auto scale = static_cast<float>(step / unbiased_mean);
  const auto root_scale = static_cast<float>(1 / std::sqrt(unbiased_square));
  parallel_for(canvas.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float root = root_scale * std::sqrt(square_.data()[i]);
      float& v = canvas.data()[i];
      v += scale * mean_.data()[i] / (root + static_cast<float>(least_root));
      if (clip) v = std::min(std::max(v, 0.f), 255.f);
    }
  });
}

}  // namespace reverie
