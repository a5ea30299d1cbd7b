// flow_search.h: what OpenCV does for optical flow. Internal to frame/; it lies in
// libreverie-video, see base/plugin.h.
#pragma once

#include "reverie/base/api.h"
#include "reverie/image/flow.h"

namespace REVERIE_PRIVATE_API reverie {

class OpticalFlow::Search {
 public:
  virtual ~Search() = default;
  // As OpticalFlow::run, of shapes that fit.
  virtual void run(ConstView picture, ConstView other, View flow) = 0;
};

extern "C" [[gnu::weak]] OpticalFlow::Search* reverie_new_flow_search(FlowEffort effort);

}  // namespace reverie
