// bench.h: the time of each step of a compiled network, and a lower bound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/plan/plan.h"

namespace REVERIE_API reverie {

// One step of a plan.
struct StepReport {
  std::string layer;      // empty for steps of no layer
  std::string action;     // "forward", "backward", "mask", ...
  std::string algorithm;  // the kernel's own name
  double ms = 0;          // median
  double gflop = 0;       // additions and multiplications of the layer, 0 where they do not count
};

// Runs forward and backward `runs` times and times every step by itself. canvas: [3,H,W].
// Errors: Unsupported for a plan that is not made of steps.
std::vector<StepReport> profile(Plan& plan, ConstView canvas, int runs);

// The fastest time that any algorithm available here reaches for a convolution, alone.
struct FloorReport {
  std::string layer;
  std::string action;     // "forward" or "backward"
  std::string algorithm;  // the fastest
  double ms = 0;          // minimum of the runs
  double gflop = 0;
};

// For every convolution on the way to the targets, forward and backward to its input, at this size
// of canvas; `half` allows bfloat16 where the processor has it, other precisions are float32.
// Errors: as Compiler::compile.
std::vector<FloorReport> measure_floor(const Graph& graph, const std::vector<int>& targets,
                                       std::int64_t height, std::int64_t width, Precision precision,
                                       int runs);

}  // namespace reverie
