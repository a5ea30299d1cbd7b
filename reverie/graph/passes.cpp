#include "reverie/graph/passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/graph/network_end.h"

namespace reverie {
namespace {

// How many layers read each one; a target counts as read once more.
std::vector<int> count_readers(const Graph& graph, const std::vector<int>& targets) {
  std::vector<int> readers(graph.layers.size());
  for (const Layer& layer : graph.layers)
    for (int input : layer.inputs) ++readers[static_cast<std::size_t>(input)];
  for (int target : targets) ++readers[static_cast<std::size_t>(target)];
  return readers;
}

// Copies the layers with replacement[i] == i, and lets every use of another layer j mean
// replacement[j].
PassResult rebuild(const Graph& graph, const std::vector<int>& targets,
                   const std::vector<int>& replacement) {
  PassResult result;
  result.graph.name = graph.name;
  result.graph.transform = graph.transform;
  std::vector<int> moved(graph.layers.size(), -1);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (replacement[i] != static_cast<int>(i)) continue;
    Layer layer = graph.layers[i];
    for (int& input : layer.inputs)
      input = moved[static_cast<std::size_t>(replacement[static_cast<std::size_t>(input)])];
    moved[i] = static_cast<int>(result.graph.layers.size());
    result.graph.layers.push_back(std::move(layer));
  }
  const auto now = [&](int before) {
    const int kept = replacement[static_cast<std::size_t>(before)];
    return kept < 0 ? -1 : moved[static_cast<std::size_t>(kept)];
  };
  for (const auto& [alias, index] : graph.aliases)
    if (now(index) >= 0 && result.graph.find(alias) < 0) result.graph.aliases[alias] = now(index);
  for (int target : targets) result.targets.push_back(now(target));
  return result;
}

std::vector<int> identity(const Graph& graph) {
  std::vector<int> same(graph.layers.size());
  for (std::size_t i = 0; i < same.size(); ++i) same[i] = static_cast<int>(i);
  return same;
}

// scale * (W x + b) + shift = (scale * W) x + (scale * b + shift), row by row.
template <class Linear>
void fold_into(Linear& linear, const Affine& affine) {
  Tensor weights = linear.weights->clone();
  Tensor bias({weights.shape()[0]});
  const std::int64_t row = weights.size() / weights.shape()[0];
  for (std::int64_t out = 0; out < weights.shape()[0]; ++out) {
    const float scale = (*affine.scale)[out];
    for (std::int64_t i = 0; i < row; ++i) weights[out * row + i] *= scale;
    bias[out] = scale * (linear.bias ? (*linear.bias)[out] : 0.f) + (*affine.shift)[out];
  }
  linear.weights = std::make_shared<const Tensor>(std::move(weights));
  linear.bias = std::make_shared<const Tensor>(std::move(bias));
}

}  // namespace

PassResult prune(const Graph& graph, const std::vector<int>& targets) {
  std::vector<int> needed(graph.layers.size(), -1);
  for (int target : targets) needed[static_cast<std::size_t>(target)] = target;
  for (std::size_t i = graph.layers.size(); i-- > 0;)
    if (needed[i] >= 0)
      for (int input : graph.layers[i].inputs) needed[static_cast<std::size_t>(input)] = input;
  if (!needed.empty()) needed[0] = 0;  // the Input stays
  return rebuild(graph, targets, needed);
}

PassResult fold_affine(const Graph& graph, const std::vector<int>& targets) {
  Graph folded = graph;
  const std::vector<int> readers = count_readers(graph, targets);
  std::vector<int> replacement = identity(graph);
  for (std::size_t i = 0; i < folded.layers.size(); ++i) {
    const auto* affine = std::get_if<Affine>(&folded.layers[i].op);
    if (!affine) continue;

    // The layer before it, past affines that were folded already
    const int direct = folded.layers[i].inputs[0];
    const int before = replacement[static_cast<std::size_t>(direct)];
    Layer& linear = folded.layers[static_cast<std::size_t>(before)];
    if (readers[static_cast<std::size_t>(direct)] != 1) continue;
    if (auto* conv = std::get_if<Convolution>(&linear.op); conv && !conv->relu)
      fold_into(*conv, *affine);
    else if (auto* product = std::get_if<InnerProduct>(&linear.op))
      fold_into(*product, *affine);
    else
      continue;

    // The sum takes over the affine's name: its value is now the affine's
    linear.name = folded.layers[i].name;
    replacement[i] = before;
  }
  return rebuild(folded, targets, replacement);
}

PassResult compose_selections(const Graph& graph, const std::vector<int>& targets) {
  // Layers that anything but a selection reads
  std::vector<bool> is_needed(graph.layers.size());
  for (int target : targets) is_needed[static_cast<std::size_t>(target)] = true;
  for (const Layer& layer : graph.layers)
    if (!std::holds_alternative<SelectChannels>(layer.op))
      for (int input : layer.inputs) is_needed[static_cast<std::size_t>(input)] = true;

  Graph composed = graph;
  for (Layer& layer : composed.layers) {
    auto* outer = std::get_if<SelectChannels>(&layer.op);
    if (!outer || is_needed[static_cast<std::size_t>(layer.inputs[0])]) continue;
    const Layer& before = composed.layers[static_cast<std::size_t>(layer.inputs[0])];
    const auto* inner = std::get_if<SelectChannels>(&before.op);
    if (!inner) continue;
    for (int& channel : outer->channels)
      channel = inner->channels.at(static_cast<std::size_t>(channel));
    layer.inputs = before.inputs;
  }
  return prune(composed, targets);
}

namespace {

// The activation that x * gate(x) is.
std::optional<Activation> gated(const Activation& gate) {
  using Function = Activation::Function;
  if (gate.function == Function::sigmoid) return Activation{Function::silu, 1};
  if (gate.function == Function::hard_sigmoid && std::abs(gate.a - 1.f / 6) < 1e-6f &&
      gate.b == 0.5f)
    return Activation{Function::hard_swish};
  return {};
}

}  // namespace

PassResult fuse_gates(const Graph& graph, const std::vector<int>& targets) {
  Graph fused = graph;
  const std::vector<int> readers = count_readers(graph, targets);
  std::vector<int> replacement = identity(graph);
  for (Layer& layer : fused.layers) {
    const auto* eltwise = std::get_if<Eltwise>(&layer.op);
    if (!eltwise || eltwise->operation != Eltwise::Operation::product || layer.inputs.size() != 2)
      continue;
    for (const auto& [x, gate] : {std::pair{layer.inputs[0], layer.inputs[1]},
                                  std::pair{layer.inputs[1], layer.inputs[0]}}) {
      const Layer& other = graph.layers[static_cast<std::size_t>(gate)];
      const auto* activation = std::get_if<Activation>(&other.op);
      if (!activation || other.inputs[0] != x || readers[static_cast<std::size_t>(gate)] != 1)
        continue;
      if (const auto whole = gated(*activation)) {
        layer.op = *whole;
        layer.inputs = {x};
        replacement[static_cast<std::size_t>(gate)] = -1;
        break;
      }
    }
  }
  return rebuild(fused, targets, replacement);
}

PassResult unify_slopes(const Graph& graph, const std::vector<int>& targets) {
  PassResult unified{graph, targets};
  for (Layer& layer : unified.graph.layers) {
    const auto* prelu = std::get_if<Prelu>(&layer.op);
    if (!prelu) continue;
    const auto slopes = prelu->slope->elements();
    const float first = slopes[0];
    if (std::all_of(slopes.begin(), slopes.end(), [&](float slope) { return slope == first; }))
      layer.op = Relu{first};
  }
  return unified;
}

PassResult fuse_relu(const Graph& graph, const std::vector<int>& targets) {
  Graph fused = graph;
  const std::vector<int> readers = count_readers(graph, targets);
  std::vector<int> replacement = identity(graph);
  for (std::size_t i = 0; i < fused.layers.size(); ++i) {
    const auto* relu = std::get_if<Relu>(&fused.layers[i].op);
    if (!relu || relu->ceiling != std::numeric_limits<float>::infinity()) continue;
    if (!(relu->negative_slope >= 0)) continue;  // the sign of its value would not tell x's
    const int before = fused.layers[i].inputs[0];
    Layer& layer = fused.layers[static_cast<std::size_t>(before)];
    auto* conv = std::get_if<Convolution>(&layer.op);
    if (!conv || conv->relu || readers[static_cast<std::size_t>(before)] != 1) continue;
    conv->relu = relu->negative_slope;
    layer.name = fused.layers[i].name;
    replacement[i] = before;
  }
  return rebuild(fused, targets, replacement);
}

namespace {

// Says which target cannot be computed, and where the whole network ends on the way to it.
[[noreturn]] void refuse_unknown(const Graph& graph, const std::vector<int>& targets) {
  for (int target : targets)
    if (const auto end = network_end(prune(graph, {target}).graph)) {
      NetworkEnd whole = *network_end(graph);
      whole.layer = end->layer;
      whole.type = end->type;
      throw Unsupported(fmt::format("layer '{}' cannot be computed: {}",
                                    graph.layers[static_cast<std::size_t>(target)].name,
                                    describe(whole, graph.name)));
    }
  throw Unsupported(describe(*network_end(graph), graph.name));
}

}  // namespace

PassResult prepare(const Graph& graph, const std::vector<int>& targets) {
  PassResult result = prune(graph, targets);
  if (network_end(result.graph)) refuse_unknown(graph, targets);
  for (const auto pass : {fold_input, fold_affine, compose_selections, fuse_gates, unify_slopes})
    result = pass(result.graph, result.targets);
  return fuse_relu(result.graph, result.targets);
}

}  // namespace reverie
