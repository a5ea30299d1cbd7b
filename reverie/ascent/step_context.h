// step_context.h: what one step of ascent is told: where it is, and its random numbers.
#pragma once

#include <functional>

#include "reverie/ascent/augmentation.h"
#include "reverie/ascent/kinds.h"

namespace reverie {

// An integer from low..high, both included.
using Draw = std::function<int(int low, int high)>;

// Made once before a step, and handed to all that take part in it: nothing of a step is kept from
// one function to another but here.
struct StepContext {
  int octave = 0, iteration = 0;  // 0-based
  // The canvas is rolled by this, so that what the network sees at fixed places (tile seams,
  // strides) falls elsewhere each time; the step is rolled back.
  Offset offset = {};
  // How the rolled canvas is held before the network; the gradient is brought back.
  Augmentation augmentation = {};
  // For tiles that are placed at random, asked several times; required only for Tiling::random.
  Draw draw = {};
};

}  // namespace reverie
