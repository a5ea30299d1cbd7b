// trial_network.h: small networks with random weights, for the engine's tests.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/random.h"
#include "reverie/graph/graph.h"
#include "reverie/graph/shapes.h"
#include "reverie/graph/trial_window.h"

namespace reverie::cpu {

// Builds networks with random weights, scaled so that values stay near 1.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : stream_(Random(seed).at(RandomUse::noise, 0, 0, 0)) {
    graph.name = "trial";
    graph.transform = {{2, 1, 0}, {104, 116, 122}, {0.02f, 0.015f, 0.01f}};
    graph.add("data", Input{}, {});
  }

  float draw(float low, float high) { return low + (high - low) * stream_.uniform(); }
  int draw_int(int low, int high) { return stream_.uniform_int(low, high); }

  Weights weights(Shape shape, float low, float high) {
    Tensor t(shape);
    for (float& v : t.elements()) v = draw(low, high);
    return std::make_shared<const Tensor>(std::move(t));
  }

  int add(Op op, std::vector<int> inputs) {
    return graph.add("layer" + std::to_string(graph.layers.size()), std::move(op),
                     std::move(inputs));
  }

  int channels(int layer) const {
    return static_cast<int>(
        infer_shapes(graph, height, width)[static_cast<std::size_t>(layer)].channels());
  }

  int conv(int input, int out, Window window, std::optional<float> relu = 0.f, int groups = 1) {
    const int in = channels(input);
    const float fan = static_cast<float>(in / groups * window.kernel_h * window.kernel_w);
    const float limit = std::sqrt(3.f / fan);
    Convolution c{window, groups,
                  weights({out, in / groups, window.kernel_h, window.kernel_w}, -limit, limit),
                  weights({out}, -0.2f, 0.2f), relu};
    return add(c, {input});
  }

  Graph graph;
  std::int64_t height = 64, width = 64;  // of a picture that all layers can read

 private:
  RandomStream stream_;
};

}  // namespace reverie::cpu
