// passes.h: transformations to a simpler graph that computes the same values.
//
// Each pass keeps the named target layers as values of their own; targets are indices into the
// given graph, and the result has their new indices.
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

// Makes a network's own normalisation of the picture part of its input transform, so that the first
// convolution reads the picture itself: affines, and channels selected and concatenated, that all
// layers above read through one of them. That one becomes the Input.
PassResult fold_input(const Graph& graph, const std::vector<int>& targets);

// Folds each Affine into the Convolution or InnerProduct that only it reads.
PassResult fold_affine(const Graph& graph, const std::vector<int>& targets);

// Lets selections of a selection that only they read choose from its input: a shuffle and a split
// become one step.
PassResult compose_selections(const Graph& graph, const std::vector<int>& targets);

// Makes one activation of a value times a sigmoid of it that nothing else reads: silu, hard_swish.
PassResult fuse_gates(const Graph& graph, const std::vector<int>& targets);

// Makes a Relu of each Prelu with one slope for all channels.
PassResult unify_slopes(const Graph& graph, const std::vector<int>& targets);

// Fuses each plain Relu into the convolution before it, if the Relu is its only reader.
PassResult fuse_relu(const Graph& graph, const std::vector<int>& targets);

// All passes in the right order. Plans compile the result. Errors: Unsupported, when a target
// depends on an UnknownLayer.
PassResult prepare(const Graph& graph, const std::vector<int>& targets);

}  // namespace reverie
