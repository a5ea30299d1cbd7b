// onnx.h: networks that PyTorch, TensorFlow and others export as .onnx files.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "reverie/graph/graph.h"

namespace reverie {

struct OnnxNetwork {
  Graph graph;
  bool channels_last = false;  // the file's picture is [height, width, channels]: TensorFlow's way
};

// `file` is for messages. Layers have their nodes' names, else their outputs'; both can be used.
// Layers that cannot run become UnknownLayer. Errors: BadModel when the file is damaged or
// inconsistent; Unsupported for an operator set outside 7 to 21, weights in another file, or an
// input that is not a color picture.
OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file);

}  // namespace reverie
