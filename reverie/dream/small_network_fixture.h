// small_network_fixture.h: a network of two convolutions, for tests that dream.
#pragma once

#include "reverie/graph/small_graph_fixture.h"
#include "reverie/model/network.h"

namespace reverie {

inline Network small_network() {
  Network network;
  network.graph = small_graph();
  network.name = network.graph.name;
  network.default_layer = "b";
  return network;
}

}  // namespace reverie
