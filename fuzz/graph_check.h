// graph_check.h: what every reader promises of its graph, whatever the file.
#pragma once

#include <cstdlib>
#include <set>
#include <string>

#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"

namespace reverie::fuzz {

// Aborts when a layer reads one that does not come before it or two have one name; and walks
// through what is done next with a graph.
inline void check_graph(const Graph& graph) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    if (!names.insert(layer.name).second) std::abort();
    for (const int input : layer.inputs)
      if (input < 0 || static_cast<std::size_t>(input) >= i) std::abort();
  }
  for (const auto& [name, index] : graph.aliases)
    if (index < 0 || static_cast<std::size_t>(index) >= graph.layers.size()) std::abort();

  // The shapes of all that the last layer needs; a graph that is too deep takes too long for this
  if (graph.layers.empty() || graph.layers.size() > 40) return;
  const PassResult needed = prune(graph, {static_cast<int>(graph.layers.size()) - 1});
  infer_shapes(needed.graph, 1025, 1025);
}

}  // namespace reverie::fuzz
