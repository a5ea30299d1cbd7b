// objective.h: what a dream maximizes: terms, each on one layer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"
#include "reverie/gradient/reduction.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

// Features to match: the activations of a layer on another picture, [channels, height, width].
using Guide = std::shared_ptr<const Tensor>;

// One number for each channel of a layer.
using Direction = std::shared_ptr<const std::vector<float>>;

// Where in a picture a term counts, [1,h,w] of 0..1, stretched over the picture.
using Mask = std::shared_ptr<const Tensor>;

// One layer's term. Without a guide it is weight * reduction(a) over the chosen channels; with one
// it is weight * sum over positions of a . (the guide's feature that a agrees with most).
struct Term {
  std::string layer;          // as a user names it: see resolve_layer
  std::vector<int> channels;  // empty: all
  double weight = 1;          // negative suppresses
  Guide guide;                // null: none
  Reduction reduction = Reduction::l2;
  std::optional<Place> at = {};  // only the neurons there; nothing: everywhere
  OctaveSpan octaves = {};       // the octaves in which this term counts
  Direction direction = {};      // replaces the reduction: the mean over positions of a . direction
  Mask mask = {};  // each neuron has the mask's weight at its centre in the picture; null: 1
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
    Reduction reduction = Reduction::l2;
    std::optional<Place> at = {};
    OctaveSpan octaves = {};
    Direction direction = {};
    Mask mask = {};
  };
  std::vector<int> layers;  // indices into the graph's layers, each once
  std::vector<BoundTerm> terms;
};

// Errors: BadRecipe for no term, an unknown or ambiguous layer, a channel that the layer does not
// have, a weight that is zero or not finite, a direction of another length than the layer's
// channels, a place outside 0..1; Unsupported for a layer that cannot run.
BoundObjective bind(const Objective& objective, const Graph& graph);

// The terms that count at an octave; the layers stay the same. Errors: BadRecipe where there are
// none.
std::shared_ptr<const BoundObjective> at_octave(std::shared_ptr<const BoundObjective> objective,
                                                int octave);

}  // namespace reverie
