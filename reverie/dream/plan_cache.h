// plan_cache.h: keeps plans, so that they are not compiled again.
#pragma once

#include <memory>

#include "reverie/plan/plan.h"

namespace reverie {

// A compiler that keeps each plan that it has made, and returns it again for the same size after
// its user has destroyed it (if the compiler still exists). For one objective: output_grad() keeps
// the content of its last user. One caller at a time.
std::unique_ptr<Compiler> caching_compiler(std::unique_ptr<Compiler> compiler);

}  // namespace reverie
