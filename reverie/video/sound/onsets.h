// onsets.h: when notes and beats begin in a sound. Internal to video/.
#pragma once

#include <vector>

#include "reverie/video/sound/sound_analysis.h"
#include "reverie/video/sound/sound_features.h"

namespace reverie {

// How much louder each frame is than the one 20 ms before it: the mean over all bands of what their
// compressed loudness has risen, 0..1. Falling bands count as 0.
// Source: spectral flux, Dixon, "Onset detection revisited" (DAFx 2006); on logarithms of bands:
// Böck, Krebs, Schedl, "Evaluating the online capabilities of onset detection methods" (ISMIR
// 2012).
std::vector<float> spectral_flux(const SoundFeatures& features);

// Peaks of the flux that stand out from the second around them: over its median by six times its
// median deviation, and by a fifth of the strongest. Within a peak, the time is that of the
// steepest rise of the blocks, to some 3 ms. At least 50 ms apart. Source: the picking of peaks of
// Böck, Krebs, Schedl, with an adaptive threshold from medians as in Bello et al., "A tutorial on
// onset detection in music signals" (IEEE TSAP 2005).
std::vector<Onset> find_onsets(const SoundFeatures& features);

}  // namespace reverie
