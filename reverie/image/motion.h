// motion.h: the motion between two pictures, with its confidence.
#pragma once

#include <optional>

#include "reverie/base/api.h"
#include "reverie/image/flow.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

struct Motion {
  Tensor flow;        // [2,H,W] px: where each pixel was in the picture before, from its own place
  Tensor confidence;  // [1,H,W] 0..1: that it was there at all; 0 where it was hidden
  double unexplained = 1;  // the fraction of the picture that was not in the one before, 0..1
};

// Overwrites `to` with `from`, both [C,H,W], warped along a motion: sampled with a Catmull-Rom
// cubic where the pixels were, mirrored beyond the edges. They must not overlap. All threads; the
// same bits at any number of them. Errors: BadShape.
void warp(ConstView from, ConstView flow, View to);

// Finds motions between pictures of one size. One caller at a time.
class MotionFinder {
 public:
  // Without an effort it assumes that nothing moves.
  explicit MotionFinder(std::optional<FlowEffort> effort);

  // Overwrites `motion`. Confidence is high where forward and backward flow agree within the
  // picture and the surroundings look alike in both pictures.
  // Source: Sundaram, Brox, Keutzer 2010 for the forward-backward tolerance. Errors: BadShape.
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

// How much a video flickers: the mean difference in grey levels between a picture and the
// motion-compensated one before it, over what is in both. Sizes as in Motion; `scratch` is resized.
double flicker(ConstView before, ConstView now, const Motion& motion, Tensor& scratch);

}  // namespace reverie
