// simplify.h: single layers in place of the groups that exporters write for them.
#pragma once

#include <vector>

#include "reverie/graph/graph.h"

namespace reverie::onnx {

// Finds GELU, SiLU, hard swish and Mish, layer normalization and local response normalization by
// parts; scales after a normalization; channels that are taken apart, scaled and joined
// (torchvision's transform_input). The last layer of a group keeps its name and becomes the whole;
// those of which it was made go, unless another layer reads them or they are in `kept`. So do those
// of `spare`: paddings that a window has taken over. Values change by rounding only.
void simplify(Graph& graph, const std::vector<int>& kept, const std::vector<int>& spare);

}  // namespace reverie::onnx
