// mover.h: from a slope to a move of the canvas: plain steps, and those that remember earlier ones.
#pragma once

#include "reverie/ascent/roll.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

enum class Optimiser {
  plain,     // along the slope
  momentum,  // along a running mean of slopes: jitter's noise averages out
  adam       // that, each value by the running root mean square of its own slopes
};

// The memory of one climb.
class Mover {
 public:
  // memory: 0..1, the share of the running mean that is kept at each step. `plain` has none.
  Mover(const Shape& canvas, Optimiser how, double memory);

  // Whether moves depend on what was at the same place before, so that slopes must lie as the
  // canvas does.
  bool remembers() const { return how_ != Optimiser::plain; }

  // Moves `canvas` [C,H,W], and where `clip` holds limits it to 0..255.
  //
  // slope, rolled by `shift` first, times `factor` is the plain step, in display units. momentum: m
  // = memory m + (1 - memory) slope, the step is factor m, as long as the plain one where slopes
  // agree. adam: the step is `step` m' / (sqrt(v') + 1e-8), where v = 0.999 v + 0.001 (factor
  // slope / step)^2 and m', v' are free of their start at 0. REQUIRES: no shift where remembers().
  // Source of adam: Kingma and Ba, 2015, algorithm 1.
  void move(ConstView slope, Offset shift, double factor, double step, bool clip, View canvas);

 private:
  void average(ConstView slope, double factor);
  void average_squares(ConstView slope, double factor);

  Optimiser how_;
  double memory_;
  int moves_ = 0;
  Tensor mean_, square_;
};

}  // namespace reverie
