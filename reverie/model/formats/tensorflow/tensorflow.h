// tensorflow.h: a frozen TensorFlow graph as a Graph.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "reverie/graph/graph.h"

namespace reverie {

struct TensorFlowNetwork {
  Graph graph;  // its transform is RGB, 0..255; the caller may replace it
  // Set where the graph itself transforms a picture of 0..255 before its first layer.
  std::optional<InputTransform> transform;
};

// Reads a frozen GraphDef (variables turned into constants). Values keep their nodes' names; nodes
// that change nothing (Identity, CheckNumerics, dropout) are aliases of what they read. A bias
// added to a convolution makes a second layer with the same weights, so that both values can be
// dreamed on. A layer that cannot run is an UnknownLayer. Both orders of channels are read. Errors:
// BadModel, Unsupported; one line that names the file and the node or byte.
TensorFlowNetwork read_tensorflow(std::span<const std::byte> bytes, const std::string& file);

}  // namespace reverie
