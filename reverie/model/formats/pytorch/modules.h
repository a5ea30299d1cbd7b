// modules.h: the modules that torchvision's networks are made of, as layers of a Graph.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/model/formats/pytorch/checkpoint.h"
#include "reverie/model/formats/pytorch/pytorch.h"

namespace reverie::pytorch {

// Adds layers one after the other; every function returns the new layer's index. Each reads `from`.
// Errors: BadModel for weights that are missing, or of another shape than the network before them
// has.
class Modules {
 public:
  explicit Modules(const Checkpoint& checkpoint);

  // Whether the file has such a module: its weights, or those of modules in it.
  bool has(const std::string& module) const { return checkpoint_.has_any_in(module + "."); }
  bool has_weights(const std::string& module) const { return checkpoint_.has(module + ".weight"); }

  // The extents of a module's weights: [out, in, height, width].
  std::vector<std::int64_t> extents(const std::string& module) const;

  // Whether two layers have as many channels.
  bool has_channels_of(int a, int b) const { return channels(a) == channels(b); }

  // Padding that keeps the size, but for the stride.
  int convolution(const std::string& name, int from, int stride = 1);
  int convolution(const std::string& name, int from, int stride, int pad_h, int pad_w);
  int batch_norm(const std::string& name, int from, double epsilon = 1e-5);
  int relu(const std::string& name, int from);
  int relu6(const std::string& name, int from);
  int max_pool(const std::string& name, int from, int kernel, int stride, int pad = 0,
               bool ceil = false);
  int average_pool(const std::string& name, int from, int kernel, int stride, int pad = 0);
  int global_average(const std::string& name, int from);
  int linear(const std::string& name, int from);
  int concat(const std::string& name, std::vector<int> from);
  int add(const std::string& name, int a, int b);

  // Another name of a layer, as that of the module it ends.
  int name(const std::string& name, int layer);

  // The graph. Errors: Unsupported when the file has weights that no layer uses, but for those of
  // modules whose names begin with one of `others`.
  PytorchNetwork finish(const std::string& architecture, const InputTransform& transform,
                        const std::string& default_layer, const std::vector<std::string>& others);

  int input() const { return 0; }

 private:
  Tensor read(const std::string& name, const std::vector<std::int64_t>& expected);
  std::int64_t channels(int layer) const { return channels_[static_cast<std::size_t>(layer)]; }
  int add_layer(const std::string& name, Op op, std::vector<int> from, std::int64_t channels);

  const Checkpoint& checkpoint_;
  Graph graph_;
  std::vector<std::int64_t> channels_;  // by layer
  std::set<std::string> used_;
};

// The networks of torchvision, each recognized by its weights; none: of another.
using Writer = PytorchNetwork (*)(Modules&);
Writer recognise(const Modules& modules);

PytorchNetwork write_sequential(Modules& modules);  // AlexNet and the VGGs
PytorchNetwork write_squeezenet(Modules& modules);
PytorchNetwork write_resnet(Modules& modules);  // ResNeXt and Wide ResNet, too
PytorchNetwork write_densenet(Modules& modules);
PytorchNetwork write_googlenet(Modules& modules);
PytorchNetwork write_inception_v3(Modules& modules);
PytorchNetwork write_mobilenet_v2(Modules& modules);

}  // namespace reverie::pytorch
