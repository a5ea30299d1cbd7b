// tone.h: brightness, contrast and saturation of a picture, and matching another picture to them.
//
// Gradient ascent drifts: after many steps a picture is brighter or darker, and has more
// contrast and color. Matched to its source after each step it keeps its tone however long it is
// dreamed.
#pragma once

#include <array>

#include "reverie/base/api.h"
#include "reverie/image/kinds.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// How far contrast and saturation may differ from those of the reference, as a fraction.
inline constexpr double tone_bound = 0.02;

// Statistics of the display values of a picture, in levels of 0..255.
struct Tone {
  std::array<double, 3> mean{};  // of red, green, blue
  double contrast = 0;           // standard deviation of luma
  double saturation = 0;         // root mean square of color - luma, minus its mean
};

// The tone of `canvas`, [3,H,W] display units. `weights`, [1,H,W] of 0..1 or empty, says how much
// each pixel counts; where all of it is 0, all pixels count alike. Luma is 0.2126 R + 0.7152 G +
// 0.0722 B. All threads; the same bits at any number of them.
Tone tone_of(ConstView canvas, ConstView weights = {});

// Matches `canvas` to the tone of `reference`, as `how` says, in place: colors are shifted, and for
// ToneMatch::full also scaled around their mean, as little as needed. With `clip` values stay in
// 0..255, and the change by clipping is compensated where possible. A reference with less contrast
// than 8 levels counts as one with 8, so that a dream of a plain wall is not undone.
//
// weights: as tone_of; a pixel changes in proportion to its weight, one with 0 keeps its bits. The
// same function serves every frame of a video, with the tone of its first or its source.
void match_tone(View canvas, const Tone& reference, ToneMatch how, bool clip,
                ConstView weights = {});

}  // namespace reverie
