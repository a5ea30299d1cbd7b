// network_end.h: where a network stops being one that can be computed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

// The first layer of a network that is not understood.
struct NetworkEnd {
  std::string layer;      // its name
  std::string type;       // as the file calls it, and why it is not understood
  int layers_beyond = 0;  // that depend on it or on another such layer, itself included
  int layers = 0;         // of the whole network, without its input
};

// Per layer, whether it can be computed: neither it nor what it depends on is an UnknownLayer.
std::vector<bool> computable_layers(const Graph& graph);

// Nothing for a network without UnknownLayers.
std::optional<NetworkEnd> network_end(const Graph& graph);

// In a line: where the network of this name ends, what lies beyond, and what to do.
std::string describe(const NetworkEnd& end, const std::string& network);

// Puts an UnknownLayer that says why in the place of each layer whose weights or inputs fit at no
// size of picture, so that the rest of the network can be used.
void replace_misfits(Graph& graph);

}  // namespace reverie
