// optimizer.h: from a gradient to a step of the canvas: plain gradient ascent, momentum or
// Adam.
#pragma once

#include "reverie/ascent/kinds.h"
#include "reverie/ascent/roll.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// The state of one ascent.
class Optimizer {
 public:
  // momentum: 0..1, decay of the running mean. `ascent` has none.
  Optimizer(const Shape& canvas, OptimizerKind how, double momentum);

  // Whether a step depends on earlier gradients of the same pixel. Gradients must then be in the
  // canvas's own (unrolled) position.
  bool has_state() const { return how_ != OptimizerKind::ascent; }

  // Takes one step of `canvas` [C,H,W], and with `clip` limits it to 0..255.
  //
  // The plain step is `grad`, rolled by `shift` first, times `factor`, in display units. momentum:
  // m = momentum m + (1 - momentum) grad, the step is factor m, as long as the plain one where
  // gradients agree. adam: the step is `step` m' / (sqrt(v') + 1e-8), where v = 0.999 v + 0.001
  // (factor grad / step)^2 and m', v' are free of their start at 0. REQUIRES: no shift where
  // has_state(). Source of adam: Kingma and Ba, 2015, algorithm 1.
  void move(ConstView grad, Offset shift, double factor, double step, bool clip, View canvas);

 private:
  void average(ConstView grad, double factor);
  void average_squares(ConstView grad, double factor);

  OptimizerKind how_;
  double momentum_;
  int moves_ = 0;
  Tensor mean_, square_;
};

}  // namespace reverie
