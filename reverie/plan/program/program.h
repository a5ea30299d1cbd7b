// program.h: a network compiled for one size: steps, and the memory that they work in.
#pragma once

#include <memory>
#include <vector>

#include "reverie/plan/program/arena.h"
#include "reverie/plan/program/step.h"
#include "reverie/tensor/tensor.h"

namespace reverie::program {

struct Program {
  std::vector<std::unique_ptr<Step>> forward, backward;
  ArenaMemory arena;
  std::vector<Tensor> activations, output_grads;  // per target
  // What the caller gave to this call.
  const float* canvas = nullptr;
  float* grad = nullptr;
};

}  // namespace reverie::program
