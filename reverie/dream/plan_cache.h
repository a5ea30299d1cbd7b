// plan_cache.h: plans that are used again instead of being compiled again.
#pragma once

#include <memory>

#include "reverie/plan/plan.h"

namespace reverie {

// A compiler that keeps each plan it has made and hands it out again for the same size once its
// borrower has let go of it, if the compiler is still there. For one objective: what the borrower
// left in output_grad() is still there. One caller at a time.
std::unique_ptr<Compiler> caching_compiler(std::unique_ptr<Compiler> compiler);

}  // namespace reverie
