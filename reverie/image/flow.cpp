#include "reverie/image/flow.h"

#include "reverie/base/error.h"
#include "reverie/base/plugin.h"
#include "reverie/image/flow_search.h"

namespace reverie {

OpticalFlow::OpticalFlow(FlowEffort effort)
    : search_(plugin_function(reverie_new_flow_search, "reverie_new_flow_search")(effort)) {}
OpticalFlow::~OpticalFlow() = default;

void OpticalFlow::run(ConstView picture, ConstView other, View flow) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || shape.channels() != 3 || shape != other.shape() ||
      flow.shape() != Shape{2, shape.height(), shape.width()})
    throw BadShape("optical flow between pictures of different sizes, expected one size");
  search_->run(picture, other, flow);
}

}  // namespace reverie
