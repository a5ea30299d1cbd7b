#include "reverie/video/sound/loudness.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

constexpr float range_db = 24, least_part_db = 36, silence_db = -60;

float decibels(float amplitude) { return 20 * std::log10(std::max(amplitude, 1e-9f)); }

float loudest(std::vector<float> values) {
  if (values.empty()) return silence_db;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * 49 / 50);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// In decibels, of each frame, from one frequency to another.
std::vector<float> levels_between(const SoundFeatures& features, double low_hz, double high_hz) {
  const auto band_at = [&](double hz) {
    const auto edge = std::lower_bound(features.edges.begin(), features.edges.end() - 1, hz);
    return static_cast<std::size_t>(edge - features.edges.begin());
  };
  constexpr double slack_hz = 12;  // half a bin, to which edges are rounded
  const std::size_t first = band_at(low_hz - slack_hz), last = band_at(high_hz - slack_hz);
  std::vector<float> levels;
  for (std::size_t frame = 0; frame < features.frames(); ++frame)
    levels.push_back(decibels(features.amplitude(frame, first, last)));
  return levels;
}

}  // namespace

std::vector<float> band_loudness(const SoundFeatures& features, BeatSource source) {
  constexpr double lowest = 20, bass_end = 250, mid_end = 4000, highest = 1e6;  // Hz
  const double low = source == BeatSource::bass  ? lowest
                     : source == BeatSource::mid ? bass_end
                                                 : mid_end;
  const double high = source == BeatSource::bass  ? bass_end
                      : source == BeatSource::mid ? mid_end
                                                  : highest;
  std::vector<float> levels = levels_between(features, low, high);
  const float whole = loudest(levels_between(features, lowest, highest));
  const float top = std::max({loudest(levels), whole - least_part_db, silence_db});
  for (float& level : levels)
    level = level <= silence_db ? 0 : std::clamp(1 + (level - top) / range_db, 0.f, 1.f);
  return levels;
}

std::vector<float> followed(std::vector<float> levels, double attack, double decay) {
  const auto part = [](double seconds) {
    return seconds <= 0
               ? 1.f
               : static_cast<float>(1 - std::exp(-1 / (seconds * SoundFeatures::frames_a_second)));
  };
  const float rising = part(attack), falling = part(decay);
  float last = 0;
  for (float& level : levels) {
    last += (level > last ? rising : falling) * (level - last);
    level = last;
  }
  return levels;
}

}  // namespace reverie
