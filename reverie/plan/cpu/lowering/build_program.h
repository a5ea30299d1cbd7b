// build_program.h: a graph and a size of canvas to a program for the processor.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/plan/cpu/kernels/kernels.h"
#include "reverie/plan/cpu/onednn/weight_store.h"
#include "reverie/plan/kinds.h"
#include "reverie/plan/program/program.h"

namespace reverie::cpu {

// What a program is built from.
struct ProgramSettings {
  Precision precision = Precision::fast;
  Element element = Element::f32;
  int lanes = 16;
};

// graph: as prepare() leaves it. The context and the store must outlive the program.
// Errors: BadShape, Unsupported, OutOfMemory.
std::unique_ptr<program::Program> build_program(const Graph& graph, const std::vector<int>& targets,
                                                std::int64_t height, std::int64_t width,
                                                const ProgramSettings& settings,
                                                const OnednnContext& onednn, WeightStore& store);

// What such a program would hold, but for the weights. Nothing of it is allocated.
struct ProgramBytes {
  std::size_t arena = 0, targets = 0;
};
ProgramBytes program_bytes(const Graph& graph, const std::vector<int>& targets, std::int64_t height,
                           std::int64_t width, const ProgramSettings& settings,
                           const OnednnContext& onednn);

}  // namespace reverie::cpu
