#include "reverie/graph/graph.h"

#include <fmt/format.h>

#include "reverie/base/error.h"

namespace reverie {

const char* function_name(Activation::Function function) {
  static constexpr const char* names[] = {
      "sigmoid", "tanh",      "silu",     "hard_sigmoid", "hard_swish", "mish",
      "gelu",    "gelu_tanh", "erf",      "softplus",     "softsign",   "elu",
      "exp",     "log",       "absolute", "power",        "clip"};
  return names[static_cast<std::size_t>(function)];
}

std::string describe(const Op& op) {
  struct Describe {
    std::string operator()(const Input&) const { return "input"; }
    std::string operator()(const Convolution&) const { return "convolution"; }
    std::string operator()(const Relu&) const { return "ReLU"; }
    std::string operator()(const Pool& pool) const {
      return pool.kind == Pool::Kind::max ? "max pool" : "average pool";
    }
    std::string operator()(const Lrn&) const { return "LRN"; }
    std::string operator()(const Concat&) const { return "concat"; }
    std::string operator()(const SelectChannels&) const { return "channel selection"; }
    std::string operator()(const Eltwise&) const { return "eltwise"; }
    std::string operator()(const Affine&) const { return "affine"; }
    std::string operator()(const Normalize&) const { return "normalization"; }
    std::string operator()(const TransposedConvolution&) const { return "transposed convolution"; }
    std::string operator()(const Resize&) const { return "resize"; }
    std::string operator()(const Pad&) const { return "pad"; }
    std::string operator()(const DepthToSpace&) const { return "depth to space"; }
    std::string operator()(const InnerProduct&) const { return "inner product"; }
    std::string operator()(const Activation& activation) const {
      return function_name(activation.function);
    }
    std::string operator()(const Prelu&) const { return "PReLU"; }
    std::string operator()(const Softmax&) const { return "softmax"; }
    std::string operator()(const UnknownLayer& unknown) const { return unknown.type; }
  };
  return std::visit(Describe{}, op);
}

int Graph::add(std::string layer_name, Op op, std::vector<int> inputs) {
  const int index = static_cast<int>(layers.size());
  if (find(layer_name) >= 0)
    throw BadModel(fmt::format("layer '{}' appears twice in network '{}'", layer_name, name));
  for (int input : inputs)
    if (input < 0 || input >= index)
      throw BadModel(
          fmt::format("layer '{}' reads a layer that does not come before it", layer_name));
  layers.push_back({std::move(layer_name), std::move(op), std::move(inputs)});
  return index;
}

int Graph::find(std::string_view layer_name) const {
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (layers[i].name == layer_name) return static_cast<int>(i);
  const auto alias = aliases.find(layer_name);
  return alias == aliases.end() ? -1 : alias->second;
}

}  // namespace reverie
