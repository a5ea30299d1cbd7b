// graph.h: a network as its file describes it: named layers, their weights, what input they expect.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/layer.h"

namespace REVERIE_API reverie {

// The input format of a network. Its input channel c is (canvas[order[c]] - mean[c]) * scale[c],
// where the canvas is RGB in 0..255 display units.
struct InputTransform {
  std::array<int, 3> order{0, 1, 2};  // {2, 1, 0} for BGR
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};

  friend bool operator==(const InputTransform&, const InputTransform&) = default;
};

// A list of layers in an order in which they can be computed; layer 0 is the Input. A plain value:
// passes take one and return another, sharing the weights.
struct Graph {
  std::string name;
  InputTransform transform;
  std::vector<Layer> layers;
  // Other names of a layer's value, as the file or its users know it ("inception_4c/relu_1x1").
  std::map<std::string, int, std::less<>> aliases;

  // Appends and returns the new layer's index. Errors: BadModel for a name that is taken or an
  // input that does not exist yet.
  int add(std::string layer_name, Op op, std::vector<int> inputs);

  // The layer whose value has this name or alias, or -1.
  int find(std::string_view layer_name) const;
};

}  // namespace reverie
