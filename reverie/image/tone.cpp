#include "reverie/image/tone.h"

#include <algorithm>
#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr std::array<double, 3> luma_weights{0.2126, 0.7152, 0.0722};
constexpr double min_contrast = 8;  // levels

double luma(const std::array<double, 3>& color) {
  return luma_weights[0] * color[0] + luma_weights[1] * color[1] + luma_weights[2] * color[2];
}

// A canvas by pixels, with what each counts.
class Pixels {
 public:
  Pixels(ConstView canvas, ConstView weights)
      : canvas_(canvas), weights_(weights), count_(canvas.size() / 3) {
    weight_ = static_cast<double>(count_);
    if (weights_.empty()) return;
    weight_ = sum([](const auto&) { return 1.0; });
    if (weight_ > 0) return;
    weights_ = {};
    weight_ = static_cast<double>(count_);
  }

  // The weighted mean of term(color) over all pixels.
  template <class Term>
  double mean(Term term) const {
    return sum(term) / weight_;
  }

 private:
  template <class Term>
  double sum(Term term) const {
    return parallel_sum(count_, [&](std::int64_t begin, std::int64_t end) {
      double part = 0;
      for (std::int64_t i = begin; i < end; ++i) {
        const std::array<double, 3> color{canvas_[i], canvas_[count_ + i], canvas_[2 * count_ + i]};
        part += (weights_.empty() ? 1.0 : double{weights_[i]}) * term(color);
      }
      return part;
    });
  }

  ConstView canvas_, weights_;
  std::int64_t count_;
  double weight_;
};

// What `now` is to be multiplied by to come within the bound of `wanted`; 1 where it is.
double stretch(double now, double wanted) {
  const double low = wanted * (1 - tone_bound), high = wanted * (1 + tone_bound);
  if (now >= low && now <= high) return 1;
  return now > 0 ? std::clamp(now, low, high) / now : 1;
}

// color' = wanted + saturation * (color - mean), with luma's own part times `contrast`.
struct Correction {
  std::array<double, 3> mean, wanted;
  double contrast = 1, saturation = 1;
};

void apply(const Correction& correction, bool clip, ConstView weights, View canvas) {
  const std::int64_t count = canvas.size() / 3;
  const double middle = luma(correction.mean), more = correction.contrast - correction.saturation;
  parallel_for(count, 1 << 14, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float part = weights.empty() ? 1.f : weights[i];
      if (part == 0) continue;
      const std::array<double, 3> color{canvas[i], canvas[count + i], canvas[2 * count + i]};
      const double light = more * (luma(color) - middle);
      for (std::size_t c = 0; c < 3; ++c) {
        double held =
            correction.wanted[c] + correction.saturation * (color[c] - correction.mean[c]) + light;
        if (clip) held = std::clamp(held, 0.0, 255.0);
        canvas[static_cast<std::int64_t>(c) * count + i] +=
            part * static_cast<float>(held - color[c]);
      }
    }
  });
}

}  // namespace

Tone tone_of(ConstView canvas, ConstView weights) {
  const Pixels pixels(canvas, weights);
  Tone tone;
  for (std::size_t c = 0; c < 3; ++c)
    tone.mean[c] = pixels.mean([c](const auto& color) { return color[c]; });
  const double middle = luma(tone.mean);
  tone.contrast = std::sqrt(pixels.mean([&](const auto& color) {
    const double light = luma(color) - middle;
    return light * light;
  }));
  tone.saturation = std::sqrt(pixels.mean([&](const auto& color) {
    const double light = luma(color) - middle;
    double squares = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double difference = color[c] - tone.mean[c] - light;
      squares += difference * difference;
    }
    return squares;
  }));
  return tone;
}

void match_tone(View canvas, const Tone& reference, ToneMatch how, bool clip, ConstView weights) {
  if (how == ToneMatch::none) return;
  // Clipping, and shares between 0 and 1, undo a part of each correction; the next makes up for it
  constexpr int max_rounds = 16;
  constexpr double near = 0.05;  // levels
  for (int round = 0; round < max_rounds; ++round) {
    const Tone now = tone_of(canvas, weights);
    Correction correction{now.mean, reference.mean};
    if (how == ToneMatch::full) {
      correction.contrast = stretch(now.contrast, std::max(reference.contrast, min_contrast));
      correction.saturation = stretch(now.saturation, reference.saturation);
    }
    bool is_near = correction.contrast == 1 && correction.saturation == 1;
    for (std::size_t c = 0; c < 3; ++c)
      is_near = is_near && std::abs(now.mean[c] - reference.mean[c]) < near;
    if (is_near) return;
    apply(correction, clip, weights, canvas);
  }
}

}  // namespace reverie
