// loudness.h: how loud the low, middle and high parts of a sound are. Internal to video/.
#pragma once

#include <vector>

#include "reverie/recipe/sound_settings.h"
#include "reverie/video/sound/sound_features.h"

namespace reverie {

// The loudness of a band in each frame, 0..1: 1 is as loud as the band is in its loudest moments
// (49 of 50 frames are not louder), 0 is 24 dB below that, or silence. A band that is never within
// 36 dB of the whole sound does not reach 1. `source` is bass, mid or treble.
std::vector<float> band_loudness(const SoundFeatures& features, BeatSource source);

// Follows `levels` without flicker: rises towards them with one time constant, and falls with
// another, in seconds; 0: at once.
std::vector<float> followed(std::vector<float> levels, double attack, double decay);

}  // namespace reverie
