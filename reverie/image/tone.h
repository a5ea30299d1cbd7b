// tone.h: how bright, contrasty and colorful a picture is, and bringing another one back to it.
//
// Ascent drifts: dreamed long enough, a picture grows brighter or darker, harder and more
// colorful. Held to its source's tone after each step, it keeps its light however long it is
// dreamed.
#pragma once

#include <array>

#include "reverie/base/api.h"
#include "reverie/image/kinds.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// How far contrast and saturation may be from those of the reference, as a share of them.
inline constexpr double tone_bound = 0.02;

// Statistics of the display values of a picture, in levels of 0..255.
struct Tone {
  std::array<double, 3> mean{};  // of red, green, blue
  double contrast = 0;           // standard deviation of luma
  double saturation = 0;         // root mean square of color - luma, taken off its own mean
};

// The tone of `canvas`, [3,H,W] display units. `weights`, [1,H,W] of 0..1 or empty, says how much
// each pixel counts; where all of it is 0, all pixels count alike. Luma is 0.2126 R + 0.7152 G +
// 0.0722 B. All threads; the same bits at any number of them.
Tone tone_of(ConstView canvas, ConstView weights = {});

// Brings `canvas` back to the tone of `reference`, as `how` says, in place: colors are shifted,
// and for ToneMatch::full stretched or shrunk around their mean just far enough. With `clip` values
// stay in 0..255, and what that changes is made up for, as far as there is room. A reference with
// less contrast than 8 levels counts as one with 8, so that a dream of a plain wall is not undone.
//
// weights: as tone_of; a pixel moves by its share of the way, one with 0 keeps its bits. The same
// function serves every frame of a video, with the tone of its first or its source.
void match_tone(View canvas, const Tone& reference, ToneMatch how, bool clip,
                ConstView weights = {});

}  // namespace reverie
