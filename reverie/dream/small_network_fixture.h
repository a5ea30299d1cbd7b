// small_network_fixture.h: a network of two convolutions, for tests that dream.
#pragma once

#include <memory>
#include <utility>

#include "reverie/base/random.h"
#include "reverie/model/network.h"

namespace reverie {

inline Network small_network() {
  const auto drawn = [](Shape shape) {
    Tensor t(shape);
    RandomStream stream =
        Random(5).at(RandomUse::noise, 0, 0, static_cast<std::uint32_t>(shape.elements()));
    for (float& v : t.elements()) v = stream.uniform() - 0.5f;
    return std::make_shared<const Tensor>(std::move(t));
  };
  const Window three{3, 3, 2, 2, 1, 1, {}};
  Network network;
  network.name = network.graph.name = "small";
  network.graph.add("data", Input{}, {});
  network.graph.add("a", Convolution{three, 1, drawn({8, 3, 3, 3}), {}, 0.f}, {0});
  network.graph.add("b", Convolution{three, 1, drawn({4, 8, 3, 3}), {}, {}}, {1});
  network.default_layer = "b";
  return network;
}

}  // namespace reverie
