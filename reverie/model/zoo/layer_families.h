// layer_families.h: names of the same layer in different releases of a network.
#pragma once

#include "reverie/model/zoo/zoo.h"

namespace reverie {

// The family whose layer names the graph uses, or none.
LayerFamily family_of(const Graph& graph);

// Adds the layer names of the family's other releases as aliases: `mixed4c` for
// `inception_4c/output` and vice versa. Names that the graph has already are not changed.
void add_family_aliases(Graph& graph, LayerFamily family);

}  // namespace reverie
