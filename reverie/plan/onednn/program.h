// program.h: a network compiled for one size: steps, and the memory that they work in.
#pragma once

#include <memory>
#include <vector>

#include "reverie/plan/onednn/step.h"
#include "reverie/plan/onednn/weight_store.h"
#include "reverie/plan/plan.h"

namespace reverie::onednn {

struct Program {
  std::vector<std::unique_ptr<Step>> forward, backward;
  ArenaMemory arena;
  std::vector<Tensor> activations, output_grads;  // per target
  // What the caller gave to this call.
  const float* canvas = nullptr;
  float* grad = nullptr;
};

// What a program is built from.
struct ProgramSettings {
  Precision precision = Precision::fast;
  Element element = Element::f32;
  int lanes = 16;
};

// graph: as prepare() leaves it. The device and the store must outlive the program.
// Errors: BadShape, Unsupported, OutOfMemory.
std::unique_ptr<Program> build_program(const Graph& graph, const std::vector<int>& targets,
                                       std::int64_t height, std::int64_t width,
                                       const ProgramSettings& settings, const Device& device,
                                       WeightStore& store);

}  // namespace reverie::onednn
