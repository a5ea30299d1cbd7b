// A network's own normalisation, at its very beginning, becomes part of its input transform.
#include <algorithm>
#include <cmath>
#include <optional>

#include "reverie/graph/passes.h"

namespace reverie {
namespace {

// A channel as scale * canvas[channel] + shift.
struct CanvasChannel {
  int channel = 0;
  double scale = 1, shift = 0;
};
// A layer's channels; none where they are not so simple.
using CanvasChannels = std::vector<CanvasChannel>;

// The channels of each layer by those of the canvas.
class CanvasMaps {
 public:
  explicit CanvasMaps(const Graph& graph) : graph_(graph) {
    for (const Layer& layer : graph.layers)
      maps_.push_back(std::visit([&](const auto& op) { return of(op, layer); }, layer.op));
  }
  const CanvasChannels& operator[](std::size_t layer) const { return maps_[layer]; }

 private:
  const CanvasChannels& input(const Layer& layer, std::size_t k = 0) const {
    return maps_[static_cast<std::size_t>(layer.inputs[k])];
  }

  CanvasChannels of(const Input& op, const Layer&) const {
    if (op.channels != 3) return {};
    CanvasChannels all;
    const InputTransform& t = graph_.transform;
    for (std::size_t c = 0; c < 3; ++c)
      all.push_back({t.order[c], t.scale[c], -double{t.mean[c]} * t.scale[c]});
    return all;
  }

  CanvasChannels of(const SelectChannels& select, const Layer& layer) const {
    CanvasChannels chosen;
    for (int channel : select.channels) {
      if (channel < 0 || channel >= static_cast<int>(input(layer).size())) return {};
      chosen.push_back(input(layer)[static_cast<std::size_t>(channel)]);
    }
    return chosen;
  }

  CanvasChannels of(const Affine& affine, const Layer& layer) const {
    CanvasChannels all = input(layer);
    const auto count = static_cast<std::int64_t>(all.size());
    if (affine.scale->size() != count || affine.shift->size() != count) return {};
    for (std::int64_t c = 0; c < count; ++c) {
      CanvasChannel& channel = all[static_cast<std::size_t>(c)];
      channel.scale *= (*affine.scale)[c];
      channel.shift = channel.shift * (*affine.scale)[c] + (*affine.shift)[c];
    }
    return all;
  }

  CanvasChannels of(const Concat&, const Layer& layer) const {
    CanvasChannels all;
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
      const CanvasChannels& part = input(layer, k);
      if (part.empty()) return {};
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  template <class Other>
  CanvasChannels of(const Other&, const Layer&) const {
    return {};
  }

  const Graph& graph_;
  std::vector<CanvasChannels> maps_;
};

// Those channels as an input transform, which each colour of the canvas enters once; or nothing.
std::optional<InputTransform> transform_of(const CanvasChannels& channels) {
  if (channels.size() != 3) return {};
  InputTransform transform;
  std::array<bool, 3> is_used{};
  for (std::size_t c = 0; c < 3; ++c) {
    const CanvasChannel& channel = channels[c];
    bool& used = is_used[static_cast<std::size_t>(channel.channel)];
    transform.order[c] = channel.channel;
    transform.mean[c] = static_cast<float>(-channel.shift / channel.scale);
    transform.scale[c] = static_cast<float>(channel.scale);
    if (used || !std::isfinite(transform.mean[c]) || !std::isnormal(transform.scale[c])) return {};
    used = true;
  }
  return transform;
}

// The layers below `last`: nothing where a target, or a layer that is not below it, reads one of
// them.
std::optional<std::vector<bool>> layers_behind(const Graph& graph, const std::vector<int>& targets,
                                               std::size_t last) {
  std::vector<bool> behind(graph.layers.size());
  for (int input : graph.layers[last].inputs) behind[static_cast<std::size_t>(input)] = true;
  for (std::size_t i = last; i-- > 0;)
    if (behind[i])
      for (int input : graph.layers[i].inputs) behind[static_cast<std::size_t>(input)] = true;
  for (int target : targets)
    if (behind[static_cast<std::size_t>(target)]) return {};
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (behind[i] || i == last) continue;
    for (int input : graph.layers[i].inputs)
      if (behind[static_cast<std::size_t>(input)]) return {};
  }
  return behind;
}

// The graph whose Input is layer `last`, and which lacks the layers behind that one.
PassResult with_input(const Graph& graph, const std::vector<int>& targets, std::size_t last,
                      const std::vector<bool>& behind, const InputTransform& transform) {
  PassResult result;
  result.graph.name = graph.name;
  result.graph.transform = transform;
  result.graph.layers.push_back({graph.layers[last].name, graph.layers[0].op, {}});
  std::vector<int> moved(graph.layers.size(), -1);
  moved[last] = 0;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (behind[i] || i == last) continue;
    Layer layer = graph.layers[i];
    for (int& input : layer.inputs) input = moved[static_cast<std::size_t>(input)];
    moved[i] = static_cast<int>(result.graph.layers.size());
    result.graph.layers.push_back(std::move(layer));
  }
  for (const auto& [alias, index] : graph.aliases)
    if (const int now = moved[static_cast<std::size_t>(index)]; now >= 0)
      result.graph.aliases[alias] = now;
  for (int target : targets) result.targets.push_back(moved[static_cast<std::size_t>(target)]);
  return result;
}

}  // namespace

// It is a pass of what plans compile, and not of what is opened, since only the targets say which
// of these layers must keep values of their own; and a network stays what its file says.
PassResult fold_input(const Graph& graph, const std::vector<int>& targets) {
  const CanvasMaps maps(graph);
  for (std::size_t last = graph.layers.size(); last-- > 1;) {
    const auto transform = transform_of(maps[last]);
    if (!transform) continue;
    if (const auto behind = layers_behind(graph, targets, last))
      return with_input(graph, targets, last, *behind, *transform);
  }
  return {graph, targets};
}

}  // namespace reverie
