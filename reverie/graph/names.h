// names.h: finds the layer that a user's text names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

// The index of the layer that `text` means: its exact name or alias, else the only name that
// matches it as a glob (`*` and `?`), else the only name that ends in it after a '/' or '_'
// (`4c/output`). Errors: BadRecipe when none matches (naming the nearest names) or several do
// (naming them).
int resolve_layer(const Graph& graph, std::string_view text);

}  // namespace reverie
