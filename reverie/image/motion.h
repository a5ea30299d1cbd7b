// motion.h: what of a picture was there in the one before it, and where.
#pragma once

#include <optional>

#include "reverie/base/api.h"
#include "reverie/image/flow.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

struct Motion {
  Tensor flow;        // [2,H,W] px: where each pixel was in the picture before, from its own place
  Tensor confidence;  // [1,H,W] 0..1: how surely it was there at all; 0 where it was hidden
  double unexplained = 1;  // the share of the picture that was not there, 0..1
};

// Overwrites `to` with `from`, both [C,H,W], as it looks after a motion: sampled by Catmull and
// Rom's cubic where the pixels were, mirrored beyond the edges. They must not overlap. All threads;
// the same bits at any number of them. Errors: BadShape.
void warp(ConstView from, ConstView flow, View to);

// Finds motions between pictures of one size. One caller at a time.
class MotionFinder {
 public:
  // Without an effort nothing is taken to move.
  explicit MotionFinder(std::optional<FlowEffort> effort);

  // Overwrites `motion`. A pixel counts as seen before as far as the flow there and back again
  // ends where it began, within the picture, and as its surroundings look alike in both.
  // Source: Sundaram, Brox, Keutzer 2010 for the tolerance there and back. Errors: BadShape.
  void run(ConstView before, ConstView now, Motion& motion);

 private:
  void search(ConstView before, ConstView now, Motion& motion);
  void compare_ways(Motion& motion) const;
  void compare_looks(ConstView before, ConstView now, Motion& motion);

  std::optional<OpticalFlow> search_;
  Tensor forth_, returned_;      // [2,H,W]
  Tensor warped_;                // [3,H,W]
  Tensor difference_, scratch_;  // [1,H,W]
};

// The mean difference between a picture and the one before it after its motion, over what was seen
// in both, in levels of 255: how much a video flickers. Sizes as in Motion. `scratch` is made fit.
double flicker(ConstView before, ConstView now, const Motion& motion, Tensor& scratch);

}  // namespace reverie
