#include "reverie/video/sound/sound_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/codec/video/sound_read.h"
#include "reverie/video/sound/beats.h"
#include "reverie/video/sound/loudness.h"
#include "reverie/video/sound/onsets.h"
#include "reverie/video/sound/sound_features.h"

namespace reverie {

namespace {

std::size_t index_of(BeatSource band) {
  return static_cast<std::size_t>(band) - static_cast<std::size_t>(BeatSource::bass);
}

std::array<std::vector<float>, 3> loudness_of(const SoundFeatures& features) {
  return {band_loudness(features, BeatSource::bass), band_loudness(features, BeatSource::mid),
          band_loudness(features, BeatSource::treble)};
}

}  // namespace

SoundAnalysis::SoundAnalysis(const std::filesystem::path& path, const NoticeSink& notices) {
  FeatureExtractor extractor;
  const SoundLength length = read_sound(
      path, [&](std::span<const float> samples) { extractor.add(samples); }, notices);
  if (length.skipped_packets > 0)
    notify(notices, fmt::format("'{}': {} damaged packets of its sound were skipped", path.string(),
                                length.skipped_packets));
  const SoundFeatures features = extractor.finish();
  seconds_ = length.seconds;
  onsets_ = find_onsets(features);
  beats_ = find_beats(spectral_flux(features), onsets_);
  loudness_ = loudness_of(features);
}

SoundAnalysis::SoundAnalysis(std::span<const float> samples)
    : seconds_(static_cast<double>(samples.size()) / sound_rate) {
  FeatureExtractor extractor;
  extractor.add(samples);
  const SoundFeatures features = extractor.finish();
  onsets_ = find_onsets(features);
  beats_ = find_beats(spectral_flux(features), onsets_);
  loudness_ = loudness_of(features);
}

const std::vector<float>& SoundAnalysis::loudness(BeatSource band) const {
  return loudness_.at(index_of(band));
}

double SoundAnalysis::time_of_beat(double beat) const {
  const auto last = beats_.size() - 1;
  const auto before = std::min(static_cast<std::size_t>(std::max(beat, 0.0)), last - 1);
  // Beyond the last beat with the mean distance, which is steadier than that of the last two
  const double step = beat > static_cast<double>(last)
                          ? (beats_[last] - beats_[0]) / static_cast<double>(last)
                          : beats_[before + 1] - beats_[before];
  const std::size_t from = beat > static_cast<double>(last) ? last : before;
  return beats_[from] + (beat - static_cast<double>(from)) * step;
}

}  // namespace reverie
