// onnx.h: networks that PyTorch, TensorFlow and others export as .onnx files.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "reverie/graph/graph.h"

namespace reverie {

struct OnnxNetwork {
  Graph graph;
  bool channels_last = false;  // the file's picture is [height, width, channels]: TensorFlow's way
  bool is_bytes = false;       // it is of uint8
  bool is_grey = false;        // it has one channel; the graph computes it from three
  // The input that the network's own first layers, or the type of its input, tell.
  std::optional<InputTransform> transform;
};

// Opens a file of weights beside the model and returns its bytes, which must stay valid while the
// model is read. Errors: any of ours.
using OpenOnnxData = std::function<std::span<const std::byte>(const std::string& location)>;

// `file` is the path: for messages, and for the folder of weights in other files. Layers have their
// nodes' names, else their outputs'; both can be used. Nodes that cannot be read become
// UnknownLayer, with the reason in its type. Errors: BadModel when the file as a whole is damaged;
// Unsupported for an operator set after 24 or an input that is not a picture; FileFailure when
// weights in another file are missing.
OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file);
OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file,
                      const OpenOnnxData& open);

}  // namespace reverie
