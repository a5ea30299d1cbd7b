// compiler.h: the processor as a backend: its plans are programs of our kernels and oneDNN's.
#pragma once

#include <memory>
#include <vector>

#include "reverie/plan/backend.h"

namespace reverie::cpu {

// One device, the processor with all its cores.
Backend backend();

// Errors: as reverie::make_compiler.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision);

}  // namespace reverie::cpu
