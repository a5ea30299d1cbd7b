#include "reverie/video/sound/onsets.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

// Loudness of a band, 0 for none to about 1 for a loud one.
float compressed(float amplitude, float loud) {
  constexpr float compression = 1000;  // what is 60 dB below loud is hardly heard
  return std::log1p(compression * amplitude / loud) / std::log1p(compression);
}

float median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The part of `values` that is within `reach` of `at`.
std::vector<float> around(const std::vector<float>& values, std::size_t at, std::size_t reach) {
  const std::size_t first = at > reach ? at - reach : 0;
  const std::size_t last = std::min(values.size(), at + reach + 1);
  return {values.begin() + static_cast<std::ptrdiff_t>(first),
          values.begin() + static_cast<std::ptrdiff_t>(last)};
}

// What a peak must reach there.
float threshold_at(const std::vector<float>& flux, std::size_t at, float strongest) {
  constexpr std::size_t half_a_second = SoundFeatures::frames_a_second / 2;
  constexpr float least = 0.05f, deviations = 6, part_of_strongest = 0.2f;
  std::vector<float> near = around(flux, at, half_a_second);
  const float median = median_of(near);
  for (float& value : near) value = std::fabs(value - median);
  return median + std::max({least, deviations * median_of(near), part_of_strongest * strongest});
}

// The block near a frame in which the three parts of the sound rise most, each compared with its
// own level before.
double steepest_rise(const SoundFeatures& features, std::size_t frame, float loud) {
  constexpr std::ptrdiff_t blocks_a_frame =
      SoundFeatures::blocks_a_second / SoundFeatures::frames_a_second;
  constexpr std::ptrdiff_t back = 10, on = 6, before = 6;  // blocks
  const float floor = 0.02f * loud;
  const auto centre = static_cast<std::ptrdiff_t>(frame) * blocks_a_frame;
  const auto end = static_cast<std::ptrdiff_t>(features.blocks.size());
  std::ptrdiff_t steepest = std::min(centre, end);
  float largest = 0;
  for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(0, centre - back);
       i < std::min(end, centre + on + 1); ++i) {
    float rise = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      float level = 0;
      const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, i - before);
      for (std::ptrdiff_t k = first; k < i; ++k)
        level += features.blocks[static_cast<std::size_t>(k)][part];
      if (i > first) level /= static_cast<float>(i - first);
      const float here = features.blocks[static_cast<std::size_t>(i)][part];
      rise += std::max(0.f, here - level) / (level + floor);
    }
    if (rise <= largest) continue;
    largest = rise;
    steepest = i;
  }
  return static_cast<double>(steepest) / SoundFeatures::blocks_a_second;
}

}  // namespace

std::vector<float> spectral_flux(const SoundFeatures& features) {
  constexpr std::size_t lag = 2, mirrored = 5;  // frames
  const float loud = loud_amplitude(features);
  std::vector<float> flux(features.frames());
  if (loud == 0) return flux;
  const std::size_t bands = features.band_count();
  for (std::size_t n = 0; n < flux.size(); ++n) {
    // Before the beginning there is what comes soon after it: what is no louder than that goes on
    constexpr float louder = 1.5f;
    const std::size_t earlier = n >= lag ? n - lag : std::min(mirrored, flux.size() - 1);
    if (n < lag && features.amplitude(n, 0, bands) < louder * features.amplitude(earlier, 0, bands))
      continue;
    float sum = 0;
    for (std::size_t b = 0; b < bands; ++b)
      sum += std::max(
          0.f, compressed(features.band(n, b), loud) - compressed(features.band(earlier, b), loud));
    flux[n] = sum / static_cast<float>(bands);
  }
  return flux;
}

std::vector<Onset> find_onsets(const SoundFeatures& features) {
  constexpr std::size_t reach = 3, apart = 5;  // frames
  const std::vector<float> flux = spectral_flux(features);
  if (flux.empty()) return {};
  std::vector<float> sorted = flux;
  const auto top = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 995 / 1000);
  std::nth_element(sorted.begin(), top, sorted.end());
  const float strongest = *top, loud = loud_amplitude(features);
  std::vector<Onset> onsets;
  std::size_t last = 0;
  for (std::size_t n = 0; n < flux.size(); ++n) {
    if (flux[n] <= 0 || (!onsets.empty() && n < last + apart)) continue;
    const std::vector<float> near = around(flux, n, reach);
    if (flux[n] < *std::max_element(near.begin(), near.end())) continue;
    if (flux[n] < threshold_at(flux, n, strongest)) continue;
    onsets.push_back({steepest_rise(features, n, loud),
                      std::min(1.0, static_cast<double>(flux[n] / std::max(strongest, 1e-6f)))});
    last = n;
  }
  return onsets;
}

}  // namespace reverie
