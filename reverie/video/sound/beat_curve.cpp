#include "reverie/video/sound/beat_curve.h"

#include <algorithm>
#include <cmath>

#include "reverie/video/sound/loudness.h"

namespace reverie {

BeatCurve::BeatCurve(const BeatSpec& spec, double tempo, const SoundAnalysis* sound) : spec_(spec) {
  constexpr double seconds_a_minute = 60;
  if (spec.source == BeatSource::beats && tempo > 0) {
    period_ = seconds_a_minute / tempo;
  } else if (sound == nullptr) {
    return;
  } else if (spec.source == BeatSource::onsets) {
    pulses_ = sound->onsets();
  } else if (spec.source == BeatSource::beats) {
    for (const double beat : sound->beats()) pulses_.push_back({beat, 1});
  } else {
    loudness_ = followed(sound->loudness(spec.source), spec.attack, spec.decay);
  }
}

// What is left of a pulse after that time.
double BeatCurve::fallen(double seconds) const {
  if (seconds <= 0) return 1;
  return spec_.decay > 0 ? std::exp(-seconds / spec_.decay) : 0;
}

double BeatCurve::pulse_level(double from, double to) const {
  constexpr double least = 1e-3;  // what is below does not count
  double level = 0;
  const auto after =
      std::lower_bound(pulses_.begin(), pulses_.end(), to,
                       [](const Onset& pulse, double time) { return pulse.seconds < time; });
  for (auto pulse = after; pulse != pulses_.begin();) {
    --pulse;
    const double left = fallen(from - pulse->seconds);
    if (left < std::max(level, least)) break;  // earlier ones are still weaker
    level = std::max(level, left * pulse->strength);
  }
  return level;
}

double BeatCurve::level(double from, double to) const {
  constexpr double slack = 1e-9;
  if (period_ > 0) {
    const double last = std::ceil(to / period_ - slack) - 1;  // before `to`
    return last < 0 ? 0 : fallen(from - last * period_);
  }
  if (loudness_.empty()) return pulse_level(from, to);
  constexpr double rate = 100;
  const auto end = static_cast<double>(loudness_.size());
  const double first = std::max(0.0, std::floor(from * rate + 0.5));
  const double last = std::min(end, std::max(first + 1, std::ceil(to * rate - 0.5)));
  float level = 0;
  for (double n = first; n < last; ++n)
    level = std::max(level, loudness_[static_cast<std::size_t>(n)]);
  return static_cast<double>(level);
}

}  // namespace reverie
