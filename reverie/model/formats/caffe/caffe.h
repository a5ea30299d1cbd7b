// caffe.h: a Caffe network, prototxt and caffemodel, as a Graph.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reverie/graph/graph.h"

namespace reverie {

struct CaffeFiles {
  // The description; empty: the one that the caffemodel carries is used.
  std::string_view prototxt;
  std::string prototxt_name;  // for messages
  std::span<const std::byte> caffemodel;
  std::string caffemodel_name;  // for messages
};

struct CaffeNetwork {
  Graph graph;  // its transform is BGR, mean zero; the caller may replace it
  // The mean and scale of the file's data layer, in BGR order.
  std::optional<InputTransform> transform;
};

// Reads the legacy form (`layers`) and the current one (`layer`). Training-only layers are left
// out. A value has its blob's name, which after in-place layers means the last of them; the value
// before an in-place layer is NAME/pre_relu (or pre_batchnorm, pre_scale ...). A layer whose blob
// has another name becomes an alias. A layer that cannot run is an UnknownLayer.
// Errors: BadModel, Unsupported; one line that names the file and the layer, line or byte.
CaffeNetwork read_caffe(const CaffeFiles& files);

}  // namespace reverie
