// flow.h: dense optical flow: how far each pixel of a picture has moved since another one. Computed
// by OpenCV, which no user of this header sees.
#pragma once

#include <memory>

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Speed against accuracy.
enum class FlowEffort { fast, medium };

// Dense inverse search (Kroeger et al. 2016). The same bits at any thread count: it runs on the
// calling thread alone. One caller at a time; several objects may run at once.
class OpticalFlow {
 public:
  explicit OpticalFlow(FlowEffort effort);
  ~OpticalFlow();

  // Overwrites `flow`, [2,H,W] px along x and y, with where each pixel of `picture` lies in
  // `other`, from its own place: what is at (x, y) there is at (x + flow_x, y + flow_y) here. Both
  // [3,H,W] display units; only lightness counts, not color. Errors: BadShape.
  void run(ConstView picture, ConstView other, View flow);

  class Search;  // OpenCV's half, internal

 private:
  std::unique_ptr<Search> search_;
};

}  // namespace reverie
