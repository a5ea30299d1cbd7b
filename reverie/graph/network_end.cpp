#include "reverie/graph/network_end.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/graph/shapes.h"

namespace reverie {

std::vector<bool> computable_layers(const Graph& graph) {
  std::vector<bool> computable;
  for (const Layer& layer : graph.layers)
    computable.push_back(!std::holds_alternative<UnknownLayer>(layer.op) &&
                         std::ranges::all_of(layer.inputs, [&](int input) -> bool {
                           return computable[static_cast<std::size_t>(input)];
                         }));
  return computable;
}

std::optional<NetworkEnd> network_end(const Graph& graph) {
  const auto first = std::ranges::find_if(graph.layers, [](const Layer& layer) {
    return std::holds_alternative<UnknownLayer>(layer.op);
  });
  if (first == graph.layers.end()) return std::nullopt;
  NetworkEnd end{first->name, std::get<UnknownLayer>(first->op).type};
  end.layers_beyond = static_cast<int>(std::ranges::count(computable_layers(graph), false));
  end.layers = static_cast<int>(std::ranges::count_if(
      graph.layers, [](const Layer& layer) { return !std::holds_alternative<Input>(layer.op); }));
  return end;
}

std::string describe(const NetworkEnd& end, const std::string& network) {
  return fmt::format(
      "network '{}' ends at layer '{}' ({}), which Reverie does not know, so that {} of its {} "
      "layers cannot be computed; dream on one before it, or export the network without it "
      "(docs/networks.md says what is read)",
      network, end.layer, end.type, end.layers_beyond, end.layers);
}

void replace_misfits(Graph& graph) {
  const std::vector<std::string> misfits = find_misfits(graph);
  for (std::size_t i = 0; i < misfits.size(); ++i)
    if (!misfits[i].empty())
      graph.layers[i].op =
          UnknownLayer{fmt::format("{}: {}", describe(graph.layers[i].op), misfits[i])};
}

}  // namespace reverie
