// reach.h: what one position of a layer sees of the canvas, and what climbing that layer costs.
#pragma once

#include <vector>

#include "reverie/graph/graph.h"

namespace reverie {

struct Reach {
  int stride = 1;           // px of the canvas between two positions, along y; 0: it has no places
  int receptive_field = 1;  // px of the canvas that one position sees, along y; 0: all of them
  // Of one gradient on a canvas of a million pixels: the convolutions that the layer needs, forward
  // and backward, additions and multiplications counted each.
  double gflop_per_megapixel = 0;
};

// One for each layer. A tiled or very small picture changes nothing here: edges are not counted.
std::vector<Reach> reaches(const Graph& graph);

}  // namespace reverie
