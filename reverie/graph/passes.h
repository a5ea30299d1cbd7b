// passes.h: a graph in, a simpler graph out that computes the same values.
//
// Each pass keeps the named target layers as values of their own; targets are indices into the
// graph that is given, and the result says where they are now.
#pragma once

#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

struct PassResult {
  Graph graph;
  std::vector<int> targets;  // the same layers, in the same order, as indices into `graph`
};

// Drops every layer that no target depends on.
PassResult prune(const Graph& graph, const std::vector<int>& targets);

// Folds each Affine into the Convolution or InnerProduct before it, where that is its only reader.
PassResult fold_affine(const Graph& graph, const std::vector<int>& targets);

// Turns each plain Relu into its convolution's own, where it is the only reader.
PassResult fuse_relu(const Graph& graph, const std::vector<int>& targets);

// All of them, in the order that works: what a plan compiles. Errors: Unsupported, when a target
// depends on an UnknownLayer.
PassResult prepare(const Graph& graph, const std::vector<int>& targets);

}  // namespace reverie
