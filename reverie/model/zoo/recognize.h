// recognize.h: identifies known networks, and chooses layers to dream on.
#pragma once

#include <filesystem>
#include <string>

#include "reverie/model/zoo/zoo.h"

namespace reverie {

// The row of known_networks() that a file holds: of those whose signature layers the graph has, the
// one that was published under this file name, else the one with the longest signature, else the
// first. Null when there is none. Aliases that the graph has count as names.
const ZooNetwork* recognize(const Graph& graph, const std::filesystem::path& file = {});

// For a graph that is not recognized: a network with its default layer under one of the family's
// names. Null when there is none.
const ZooNetwork* relative_of(const Graph& graph, LayerFamily family);

// A layer to dream on in an unknown network: at about two thirds of its depth before the
// classifier, where layers respond to parts of objects. Empty when there is none.
std::string guess_default_layer(const Graph& graph);

}  // namespace reverie
