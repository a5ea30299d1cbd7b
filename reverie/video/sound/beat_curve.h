// beat_curve.h: how far a sound moves a setting, over time.
#pragma once

#include <vector>

#include "reverie/base/api.h"
#include "reverie/video/sound/sound_analysis.h"

namespace REVERIE_API reverie {

// What one BeatSpec listens to.
class BeatCurve {
 public:
  // `tempo` in beats per minute; 0: the beats of the sound. REQUIRES: a sound, where it is needed
  // (depends_on_sound).
  BeatCurve(const BeatSpec& spec, double tempo, const SoundAnalysis* sound);

  const BeatSpec& spec() const { return spec_; }

  // The highest level from one time to another, 0..1, in seconds of the sound. At an onset it jumps
  // to the onset's strength, then falls by a factor of e in each `decay`.
  double level(double from, double to) const;

 private:
  double pulse_level(double from, double to) const;
  double fallen(double seconds) const;

  BeatSpec spec_;
  double period_ = 0;            // s, of beats at a stated tempo
  std::vector<Onset> pulses_;    // of onsets and of beats that were found
  std::vector<float> loudness_;  // of a band, a hundred a second
};

}  // namespace reverie
