// flow_search.h: the interface to OpenCV's optical flow, which is in libreverie-video (see
// base/plugin.h). Internal to image/.
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
