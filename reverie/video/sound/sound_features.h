// sound_features.h: what is heard of a sound, as numbers over time. Internal to video/.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace reverie {

// Of sound of one channel at sound_rate. Frame n is the spectrum around n / frames_a_second.
struct SoundFeatures {
  static constexpr int frames_a_second = 100;
  static constexpr int blocks_a_second = 400;

  // Band b of a third of an octave holds the frequencies from edges[b] to edges[b + 1].
  std::vector<double> edges;  // Hz, rising
  // [frames, bands]: amplitudes, 1 for a tone of full scale.
  std::vector<float> bands;
  // [blocks, 3]: root mean square below 250 Hz, between, and above 2500 Hz, for exact times.
  std::vector<std::array<float, 3>> blocks;

  std::size_t band_count() const { return edges.empty() ? 0 : edges.size() - 1; }
  std::size_t frames() const { return band_count() == 0 ? 0 : bands.size() / band_count(); }
  float band(std::size_t frame, std::size_t band) const {
    return bands[frame * band_count() + band];
  }
  // The root of the energy of the bands from `first` to before `last`.
  float amplitude(std::size_t frame, std::size_t first, std::size_t last) const;
};

// The amplitude that loud frames have: nineteen of twenty that are heard at all have less. 0 for
// silence.
float loud_amplitude(const SoundFeatures& features);

// Takes samples in blocks of any length. The same samples give the same features, however they are
// divided. One caller at a time.
class FeatureExtractor {
 public:
  FeatureExtractor();
  ~FeatureExtractor();
  FeatureExtractor(const FeatureExtractor&) = delete;

  void add(std::span<const float> samples);
  // At the end of the sound.
  SoundFeatures finish();

 private:
  struct Transform;
  void add_blocks(std::span<const float> samples);
  void begin();
  void add_frames();
  void add_frame(const float* samples);

  std::unique_ptr<Transform> transform_;
  std::vector<std::size_t> bins_;  // first of each band, and the end
  std::vector<float> pending_;     // samples from the next frame on
  bool begun_ = false;
  // Of the blocks
  float low_ = 0, below_high_ = 0;  // what the filters hold
  std::array<double, 3> energy_{};
  int in_block_ = 0;
  SoundFeatures features_;
};

}  // namespace reverie
