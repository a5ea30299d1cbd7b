// gradient.h: the gradient of an objective with respect to the canvas.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/gradient/objective.h"
#include "reverie/plan/plan.h"

namespace REVERIE_API reverie {

// Where a canvas is in the picture: the picture's pixel (x, y) is at ((x + right) mod width -
// left, (y + down) mod height - top) of the canvas. Only terms with a place or a mask use
// that.
struct CropPlacement {
  std::int64_t width = 0, height = 0;  // of the picture, px; 0: the canvas is the picture
  std::int64_t right = 0, down = 0;    // how far the picture was rolled, px
  std::int64_t left = 0, top = 0;      // where the canvas begins in the rolled picture, px
  // For a crop: which positions of each target it counts, in the plan's order. Borrowed; empty:
  // all.
  std::span<const CountedPositions> counted = {};
};

class Gradient {
 public:
  // plan: compiled for the objective's layers, in their order. Both are kept.
  // Errors: BadShape when a guide's features do not fit its layer.
  Gradient(std::unique_ptr<Plan> plan, std::shared_ptr<const BoundObjective> objective);

  // [3,H,W], as the plan was compiled.
  const Shape& canvas_shape() const { return plan_->canvas_shape(); }
  const Plan& plan() const { return *plan_; }

  // From now on run() checks this request to stop, which must outlive the Gradient; nullptr: none.
  void set_cancel(const CancelToken* cancel) { cancel_ = cancel; }

  // Returns the objective's value and overwrites `grad` with its gradient.
  //
  // canvas  [3,H,W] float32 RGB, 0..255 display units.
  // grad    the same shape, objective per display unit; must not overlap canvas. A term whose place
  // is outside the canvas counts 0. Returns NaN, with `grad` unspecified, after a request to stop,
  // within one layer's time. One caller at a time.
  // Errors: BadShape; NonFinite when the value is not a number (grad is then unspecified).
  double run(ConstView canvas, View grad, const CropPlacement& placement = {});

 private:
  double fill_output_grads(const CropPlacement& placement);
  std::span<const float> position_weights(const Tensor& mask, const Shape& layer,
                                          const CropPlacement& placement);

  std::unique_ptr<Plan> plan_;
  std::shared_ptr<const BoundObjective> objective_;
  const CancelToken* cancel_ = nullptr;
  std::vector<float> weights_;  // of a layer's positions, for the current term
};

}  // namespace reverie
