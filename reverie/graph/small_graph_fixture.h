// small_graph_fixture.h: a small graph with random weights, for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "reverie/base/random.h"
#include "reverie/graph/graph.h"

namespace reverie {

// Two convolutions at stride 2, "a" with a ReLU and "b" without.
inline Graph small_graph() {
  const auto drawn = [](Shape shape) {
    Tensor t(shape);
    RandomStream stream =
        Random(5).at(RandomUse::noise, 0, 0, static_cast<std::uint32_t>(shape.elements()));
    for (float& v : t.elements()) v = stream.uniform() - 0.5f;
    return std::make_shared<const Tensor>(std::move(t));
  };
  const Window three{3, 3, 2, 2, 1, 1, {}};
  Graph graph;
  graph.name = "small";
  graph.add("data", Input{}, {});
  graph.add("a", Convolution{three, 1, drawn({8, 3, 3, 3}), {}, 0.f}, {0});
  graph.add("b", Convolution{three, 1, drawn({4, 8, 3, 3}), {}, {}}, {1});
  return graph;
}

}  // namespace reverie
