// cost.h: the operations of a gradient that starts from a layer.
#pragma once

#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_PRIVATE_API reverie {

// For each layer: 10^9 additions and multiplications, each counted, of one gradient on a canvas of
// a million pixels: the convolutions that the layer needs, forward and backward. Effects of the
// canvas's edges are not counted.
std::vector<double> gflop_per_megapixel(const Graph& graph);

}  // namespace reverie
