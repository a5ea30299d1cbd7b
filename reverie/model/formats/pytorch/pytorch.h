// pytorch.h: the weights of a network of torchvision, as a Graph.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "reverie/graph/graph.h"
#include "reverie/model/formats/zip/zip.h"

namespace reverie {

namespace pytorch {

// What to do with a network that cannot be read, for messages.
inline constexpr const char* export_advice =
    "write the network as ONNX in Python: torch.onnx.export(net.eval(), torch.zeros(1, 3, 224, "
    "224), "
    "\"net.onnx\")";

bool is_checkpoint(const ZipArchive& archive);
bool is_legacy_checkpoint(std::span<const std::byte> bytes);

}  // namespace pytorch

struct PytorchNetwork {
  Graph graph;
  InputTransform transform;   // of torchvision's own weights for this architecture
  std::string default_layer;  // to dream on
};

// Reads a file of torch.save: a state dict, alone or in a training checkpoint, of an architecture
// of torchvision, which is recognized by the names and shapes of its weights; every one of them
// must be used. Layers have the names that torchvision.models.feature_extraction gives them
// ("layer3.5.relu_2"), and those of their modules ("layer3.5"). No code in the file is run.
// Any thread. Errors: BadModel for a damaged file and for weights that do not fit; Unsupported for
// other architectures and objects, saying how to export them.
PytorchNetwork read_pytorch(const ZipArchive& archive);

// The same of a file of before PyTorch 1.6. file: for messages.
PytorchNetwork read_pytorch(std::span<const std::byte> bytes, const std::string& file);

}  // namespace reverie
