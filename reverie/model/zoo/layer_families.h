// layer_families.h: the same layer under the names that different releases of a network gave it.
#pragma once

#include "reverie/model/zoo/zoo.h"

namespace reverie {

// The family by whose names the graph calls its layers, or none.
LayerFamily family_of(const Graph& graph);

// Adds the names that users of a family's other members know its layers by: `mixed4c` for
// `inception_4c/output` and the other way round. Names that the graph has stay what they are.
void add_family_aliases(Graph& graph, LayerFamily family);

}  // namespace reverie
