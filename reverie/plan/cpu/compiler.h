// compiler.h: plans that run on oneDNN's kernels, and on our own where those are weak.
#pragma once

#include <memory>
#include <vector>

#include "reverie/plan/plan.h"

namespace reverie::cpu {

// See reverie::make_compiler.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision);

}  // namespace reverie::cpu
