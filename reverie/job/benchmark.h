// benchmark.h: measures speed and accuracy of gradients on this machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/base/notice.h"
#include "reverie/gradient/gradient.h"
#include "reverie/model/network.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// A gradient that starts from one layer of a network, ready to run at one size.
struct OneGradient {
  std::shared_ptr<const BoundObjective> objective;
  std::unique_ptr<Compiler> compiler;
  std::unique_ptr<Gradient> gradient;
  std::string layer;  // by full name
  double gflop = 0;   // of one forward and one backward
};

// Layer and precision are the recipe's. Errors: BadJob for several layers; as resolve_layer, bind,
// make_compiler and Compiler::compile.
OneGradient prepare_gradient(const Network& network, const Recipe& recipe, Device device,
                             std::int64_t height, std::int64_t width);

// A summary of an array as a JSON object: shape, l2, sum, min, max.
std::string array_facts_to_json(ConstView array);

// What is measured, and in what.
struct BenchmarkSpec {
  Recipe recipe;  // of a gradient its layer and precision
  Device device = Device::automatic;
  std::size_t plan_memory = default_plan_memory;  // bytes, of a dream
  std::int64_t width = 0, height = 0;             // px, of a rendered picture
  int runs = 0;                                   // that are timed; 0: as many as fit in 3 s
  NoticeSink notices = {};                        // of a dream
};

// Each returns what it measured as a JSON object, as `reverie bench --json` prints it: the time of
// a gradient, of each of its steps and of a dream, in milliseconds, and the errors of each
// precision against double precision. `floor_ms` is a lower bound: the sum over the convolutions of
// the fastest time that any algorithm available here reaches for that shape alone. Empty when
// cancelled before the first run. Errors: as prepare_gradient, Dreamer and measure_floor.
std::string benchmark_gradient(const Network& network, const BenchmarkSpec& spec,
                               const CancelToken& cancel);
std::string benchmark_plan(const Network& network, const BenchmarkSpec& spec,
                           const CancelToken& cancel);
std::string benchmark_accuracy(const Network& network, const BenchmarkSpec& spec,
                               const CancelToken& cancel);
std::string benchmark_dream(const Network& network, const BenchmarkSpec& spec,
                            const CancelToken& cancel);

}  // namespace reverie
