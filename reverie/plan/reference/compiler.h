// compiler.h: the reference behind the interface of every other plan, for testing stages against
// it.
#pragma once

#include <memory>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/plan/backend.h"

namespace REVERIE_PRIVATE_API reverie {
namespace reference {

// Taken only on request.
Backend backend();

// Plans that compute in double and narrow at the end. They allocate as they run, on one thread,
// and look at a request to cancel only before they begin.
// Errors: as reverie::make_compiler.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets);

}  // namespace reference
}  // namespace reverie
