// engine_options.h: a recipe's options of the stages. Internal to dream/, and for replays.
#pragma once

#include "reverie/dream/dreamer.h"
#include "reverie/octave/octave_loop.h"

namespace reverie {

// The canvas that the dream starts from, at the size of `source`, [3,H,W]: see Start. `frame`
// numbers the pictures of a video.
Tensor start_canvas(const Recipe& recipe, ConstView source, std::uint32_t frame);

// A picture's values as a mask, [1,h,w] of 0..255: its alpha if any of it is transparent, else its
// luma.
Tensor mask_values(const Image& picture);

// What a dream does at its octaves, but for its mask.
OctaveOptions octave_options(const Recipe& recipe, const DreamVariation& variation = {});

// The place of a step in a dream. The step's random numbers depend only on it.
struct StepPlace {
  std::uint32_t frame = 0;  // numbers the pictures of a video
  int octave = 0, iteration = 0;
  int iterations = 1;  // of each octave
};

// Errors: BadRecipe when recorded jitter has too few shifts.
StepContext step_context(const Recipe& recipe, const StepPlace& place);

}  // namespace reverie
