// ascent.h: steps of gradient ascent on one canvas, at one size.
#pragma once

#include <array>
#include <functional>

#include "reverie/ascent/normalize.h"
#include "reverie/ascent/optimizer.h"
#include "reverie/ascent/roll.h"
#include "reverie/ascent/smooth.h"
#include "reverie/ascent/step_context.h"
#include "reverie/base/cancel.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// Returns an objective's value at a canvas, as the step has rolled and augmented it, and overwrites
// `grad` with its gradient: see Gradient::run.
using GradientFunction =
    std::function<double(ConstView canvas, View grad, const StepContext& step)>;

// `step` is in display units: the mean absolute change of a pixel, or with another normalization
// than `mean_abs` the standard deviation of all changes.
struct AscentOptions : AscentSettings {
  // Added to the divisor of the gradient; objective per display unit.
  double epsilon = 0;
  // Ascend in a space whose unit along R, G and B is this many display units, up to a common
  // factor, as programs do that scale each color for their network.
  std::array<float, 3> channel_scale{1, 1, 1};
  // [1,H,W], borrowed: the canvas does not change where this is 0. Empty: it changes everywhere.
  // The step size is the same as without a mask.
  ConstView mask = {};
  ConstView source = {};  // [3,H,W], borrowed; needed for source_penalty
};

struct Step {
  int iteration;     // 0-based
  double objective;  // before the step
  double mean_grad;  // mean |gradient| over all channels and pixels, objective per display unit
};

struct AscentHooks {
  // Called once before each step. Required.
  std::function<StepContext(int iteration)> context;
  // Applies the constraints to the canvas after each step. May be empty.
  std::function<void(View canvas)> constrain = {};
  // Receives each step and the constrained canvas. May be empty.
  std::function<void(const Step&, ConstView canvas)> after_step = {};
  const CancelToken* cancel = nullptr;
};

// Gradient ascent in place. Returns the iterations done: fewer than requested when cancelled.
//
// canvas: [3,H,W] float32 RGB, display units. The step is +step / size(g) * g, where g is the
// smoothed gradient and size() is normalize()'s divisor. `growing` smoothing and `laplacian` work
// on the gradient rolled back to the canvas, `cascade` on the rolled one; on a periodic canvas that
// makes no difference. Errors: NonFinite when the gradient has infinities or not-a-numbers; the
// canvas is as after the last whole step. Source: google/deepdream, dream.ipynb, make_step.
int ascend(View canvas, const GradientFunction& gradient_of, const AscentOptions& options,
           const AscentHooks& hooks);

}  // namespace reverie
