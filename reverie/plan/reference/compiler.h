// compiler.h: the reference behind the interface of every other plan, for trying stages against the
// truth.
#pragma once

#include <memory>
#include <vector>

#include "reverie/plan/plan.h"

namespace reverie::reference {

// Plans that compute in double and narrow at the end. They allocate as they run, on one thread.
// Errors: as reverie::make_compiler.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets);

}  // namespace reverie::reference
