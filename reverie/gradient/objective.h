// objective.h: what a dream wants more of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reverie/gradient/measure.h"
#include "reverie/graph/graph.h"

namespace reverie {

// Features to be matched: the activations of a layer on another picture, [channels, height, width].
using Guide = std::shared_ptr<const Tensor>;

// One layer's part. Without a guide it is weight * measure(a) over the chosen channels; with one
// it is weight * sum over positions of a . (the guide's feature that a agrees with most).
struct Term {
  std::string layer;          // as a user names it: see resolve_layer
  std::vector<int> channels;  // empty: all
  double weight = 1;          // negative suppresses
  Guide guide;                // null: none
  Measure measure = Measure::energy;
};

struct Objective {
  std::vector<Term> terms;  // at least one; their values add up
};

// An objective whose layers were found in a graph.
struct BoundObjective {
  struct BoundTerm {
    int target;                 // index into `layers`, which are a plan's targets
    std::vector<int> channels;  // never empty; ascending, each once
    double weight;
    Guide guide;
    Measure measure = Measure::energy;
  };
  std::vector<int> layers;  // indices into the graph's layers, each once
  std::vector<BoundTerm> terms;
};

// Errors: BadRecipe for no term, an unknown or ambiguous layer, a channel that the layer does not
// have, a weight that is zero or not finite; Unsupported for a layer that cannot run.
BoundObjective bind(const Objective& objective, const Graph& graph);

}  // namespace reverie
