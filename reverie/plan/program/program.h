// program.h: a network compiled for one size: steps, and the memory that they work in.
#pragma once

#include <memory>
#include <vector>

#include "reverie/base/cancel.h"
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

// Runs steps in their order and looks at `cancel`, where it is given, before each. Returns false
// when that ended the run.
inline bool run_steps(const std::vector<std::unique_ptr<Step>>& steps, const CancelToken* cancel) {
  for (const auto& step : steps) {
    if (cancel && cancel->cancelled()) return false;
    step->run();
  }
  return true;
}

}  // namespace reverie::program
