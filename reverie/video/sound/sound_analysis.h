// sound_analysis.h: what is heard in a sound that may move a dream: onsets, beats and loudness.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/recipe/sound_settings.h"

namespace REVERIE_API reverie {

struct Onset {
  double seconds = 0;
  double strength = 1;  // 0..1, of the strongest
};

// Of a whole sound, whatever part of it is used, so that a longer film begins in the same way. The
// same sound gives the same numbers in every run. Times are in seconds from its beginning.
class SoundAnalysis {
 public:
  // Of silence.
  SoundAnalysis() = default;
  // Of the sound of a file, an audio file or a video. Errors: as read_sound.
  explicit SoundAnalysis(const std::filesystem::path& path, const NoticeSink& notices = {});
  // Of samples of one channel at sound_rate.
  explicit SoundAnalysis(std::span<const float> samples);

  double seconds() const { return seconds_; }
  const std::vector<Onset>& onsets() const { return onsets_; }  // rising times
  // Rising times of the beats that were found; empty where nothing repeats itself.
  const std::vector<double>& beats() const { return beats_; }
  // 0..1, a hundred a second, of bass, mid or treble.
  const std::vector<float>& loudness(BeatSource band) const;

  // When a beat is, counted from 0; between two beats, and beyond the last, times go on evenly.
  // REQUIRES: at least two beats.
  double time_of_beat(double beat) const;

 private:
  double seconds_ = 0;
  std::vector<Onset> onsets_;
  std::vector<double> beats_;
  std::array<std::vector<float>, 3> loudness_;
};

}  // namespace reverie
