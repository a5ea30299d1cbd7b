// step_context.h: octave, iteration and random numbers of one step of ascent.
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
  // The canvas is rolled by this before the step, so that tile seams and strides fall elsewhere
  // each time; the gradient is rolled back.
  Offset offset = {};
  // Transformation of the rolled canvas; the gradient is transformed back.
  Augmentation augmentation = {};
  // Random integers for Tiling::random, which draws several; not needed otherwise.
  Draw draw = {};
};

}  // namespace reverie
