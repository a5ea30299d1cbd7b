#include "reverie/video/sound/sound_features.h"

#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>

#include "reverie/ascent/fourier_planner.h"
#include "reverie/base/error.h"
#include "reverie/codec/video/sound_read.h"

namespace reverie {
namespace {

constexpr int window = 2048;  // samples, 43 ms
constexpr int hop = sound_rate / SoundFeatures::frames_a_second;
constexpr int block = sound_rate / SoundFeatures::blocks_a_second;
constexpr double hz_a_bin = static_cast<double>(sound_rate) / window;

// Of a filter that follows its input with this corner frequency.
float follow(double hz) {
  return static_cast<float>(1 - std::exp(-2 * std::numbers::pi * hz / sound_rate));
}

// The first bin of each band, and the end of the last: thirds of octaves around 250 Hz, from 23 Hz
// to 20 kHz. Low bands that hold no bin are left out.
std::vector<std::size_t> band_bins() {
  std::vector<std::size_t> bins;
  for (int third = -9; third <= 19; ++third) {
    const auto bin = static_cast<std::size_t>(std::lround(250 * std::exp2(third / 3.0) / hz_a_bin));
    if (bins.empty() || bin > bins.back()) bins.push_back(bin);
  }
  return bins;
}

}  // namespace

float SoundFeatures::amplitude(std::size_t frame, std::size_t first, std::size_t last) const {
  float energy = 0;
  for (std::size_t b = first; b < last; ++b) energy += band(frame, b) * band(frame, b);
  return std::sqrt(energy);
}

float loud_amplitude(const SoundFeatures& features) {
  constexpr float heard = 1e-4f;  // -80 dB
  std::vector<float> loud;
  for (std::size_t frame = 0; frame < features.frames(); ++frame)
    if (const float a = features.amplitude(frame, 0, features.band_count()); a > heard)
      loud.push_back(a);
  if (loud.empty()) return 0;
  const std::size_t at = std::min(loud.size() - 1, loud.size() * 19 / 20);
  std::nth_element(loud.begin(), loud.begin() + static_cast<std::ptrdiff_t>(at), loud.end());
  return loud[at];
}

struct FeatureExtractor::Transform {
  Transform() : samples(window), spectrum(window + 2), weights(window) {
    double sum = 0;
    for (int i = 0; i < window; ++i) {
      weights[static_cast<std::size_t>(i)] =
          static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / window));
      sum += weights[static_cast<std::size_t>(i)];
    }
    for (float& weight : weights) weight = static_cast<float>(weight * 2 / sum);
    // An estimated plan is the same in every run, a measured one is not
    const std::lock_guard lock(fourier_planner());
    plan = fftwf_plan_dft_r2c_1d(window, samples.data(),
                                 reinterpret_cast<fftwf_complex*>(spectrum.data()), FFTW_ESTIMATE);
    if (plan == nullptr) throw OutOfMemory("out of memory for a Fourier transform");
  }
  ~Transform() {
    const std::lock_guard lock(fourier_planner());
    fftwf_destroy_plan(plan);
  }
  Transform(const Transform&) = delete;

  std::vector<float> samples, spectrum, weights;
  fftwf_plan plan = nullptr;
};

FeatureExtractor::FeatureExtractor()
    : transform_(std::make_unique<Transform>()), bins_(band_bins()) {
  for (const std::size_t bin : bins_)
    features_.edges.push_back(static_cast<double>(bin) * hz_a_bin);
}

FeatureExtractor::~FeatureExtractor() = default;

void FeatureExtractor::add(std::span<const float> samples) {
  add_blocks(samples);
  for (const float sample : samples) pending_.push_back(std::isfinite(sample) ? sample : 0.f);
  if (!begun_ && pending_.size() > window) begin();
  if (begun_) add_frames();
}

// What is before the beginning is its mirror image, so that a sound that goes on there does not
// seem to begin.
void FeatureExtractor::begin() {
  std::vector<float> mirrored(window / 2);
  for (std::size_t i = 0; i < mirrored.size(); ++i) {
    const std::size_t from = mirrored.size() - i;
    mirrored[i] = from < pending_.size() ? pending_[from] : 0.f;
  }
  pending_.insert(pending_.begin(), mirrored.begin(), mirrored.end());
  begun_ = true;
}

void FeatureExtractor::add_frames() {
  std::size_t used = 0;
  for (; used + window <= pending_.size(); used += hop) add_frame(pending_.data() + used);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
}

void FeatureExtractor::add_frame(const float* samples) {
  Transform& t = *transform_;
  for (std::size_t i = 0; i < t.samples.size(); ++i) t.samples[i] = samples[i] * t.weights[i];
  fftwf_execute(t.plan);
  for (std::size_t b = 0; b + 1 < bins_.size(); ++b) {
    float energy = 0;
    for (std::size_t bin = bins_[b]; bin < bins_[b + 1]; ++bin)
      energy += t.spectrum[2 * bin] * t.spectrum[2 * bin] +
                t.spectrum[2 * bin + 1] * t.spectrum[2 * bin + 1];
    features_.bands.push_back(std::sqrt(energy));
  }
}

void FeatureExtractor::add_blocks(std::span<const float> samples) {
  static const float low = follow(250), below_high = follow(2500);
  for (const float given : samples) {
    const float sample = std::isfinite(given) ? given : 0.f;
    low_ += low * (sample - low_);
    below_high_ += below_high * (sample - below_high_);
    const std::array<float, 3> parts{low_, below_high_ - low_, sample - below_high_};
    for (std::size_t i = 0; i < 3; ++i) energy_[i] += static_cast<double>(parts[i]) * parts[i];
    if (++in_block_ < block) continue;
    std::array<float, 3> root{};
    for (std::size_t i = 0; i < 3; ++i) root[i] = static_cast<float>(std::sqrt(energy_[i] / block));
    features_.blocks.push_back(root);
    energy_ = {};
    in_block_ = 0;
  }
}

SoundFeatures FeatureExtractor::finish() {
  if (!begun_) begin();
  // A sound shorter than a frame has one all the same
  if (features_.bands.empty()) pending_.resize(std::max<std::size_t>(pending_.size(), window));
  add_frames();
  return std::move(features_);
}

}  // namespace reverie
