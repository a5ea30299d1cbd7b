// input_form.h: what picture a network expects, told by its own first layers.
#pragma once

#include <optional>

#include "reverie/graph/graph.h"

namespace reverie::onnx {

// The transform after which the network's own normalization gets what it was written for; nothing
// where there is none, or it does not tell.
//   x - 103.9, (x - 127.5) / 127.5, x / 255      0..255
//   (x - 0.485) / 0.229, 2 x - 1, 255 x          0..1
//   torchvision's transform_input                ImageNet's mean and deviation, which it undoes
// `is_bytes`: the input is of uint8, so 0..255.
std::optional<InputTransform> stated_input(const Graph& graph, bool is_bytes);

}  // namespace reverie::onnx
