// climb.h: steps of gradient ascent on one canvas, at one size.
#pragma once

#include <functional>

#include "reverie/ascent/roll.h"
#include "reverie/base/cancel.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// Returns an objective's value at a canvas and overwrites the slope with its gradient: see
// Gradient::run.
using Slope = std::function<double(ConstView canvas, View slope)>;

struct AscentOptions {
  int iterations = 10;
  // How far the mean pixel moves in one iteration, display units.
  double step = 1.5;
  // Keep the canvas within 0..255 after each iteration.
  bool clip = true;
};

struct Step {
  int iteration;      // 0-based
  double objective;   // before the step
  double mean_slope;  // mean |gradient| over all channels and pixels, objective per display unit
};

// Climbs in place. Before each iteration the canvas is rolled by offset(iteration), so that what
// the network sees at fixed places (tile seams, strides) falls elsewhere each time; the step is
// rolled back. after_step, where given, sees each step and the canvas after it. Returns the
// iterations done: fewer than asked when `cancel` (which may be null) was set.
//
// canvas: [3,H,W] float32 RGB, display units; the step is +step / mean|g| * g.
// Errors: NonFinite when the slope has infinities or not-a-numbers; the canvas is as after the last
// whole step. Source: google/deepdream, dream.ipynb, make_step.
int climb(View canvas, const Slope& slope_of, const AscentOptions& options,
          const std::function<Offset(int iteration)>& offset,
          const std::function<void(const Step&, ConstView canvas)>& after_step,
          const CancelToken* cancel);

}  // namespace reverie
