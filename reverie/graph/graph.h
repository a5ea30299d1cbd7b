// graph.h: a network as its file describes it: named layers, their weights, what input they expect.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/kinds.h"
#include "reverie/graph/layer.h"

namespace REVERIE_API reverie {

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
