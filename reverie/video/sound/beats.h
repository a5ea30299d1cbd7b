// beats.h: the tempo of a sound and its beats. Internal to video/.
#pragma once

#include <vector>

#include "reverie/video/sound/onsets.h"

namespace reverie {

// Times of beats in seconds, rising, each near the tempo's distance from the last; empty where
// nothing repeats itself at 40 to 240 beats a minute. A beat that is an onset has its time.
// Source: Ellis, "Beat tracking by dynamic programming" (J. New Music Research 2007): the tempo is
// the peak of the flux's autocorrelation, weighted around 120 beats a minute.
std::vector<double> find_beats(const std::vector<float>& flux, const std::vector<Onset>& onsets);

}  // namespace reverie
