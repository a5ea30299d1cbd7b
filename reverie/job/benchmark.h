// benchmark.h: measures speed and accuracy of gradients on this machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/gradient/gradient.h"
#include "reverie/image/image.h"
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

// The milliseconds of each run of `body`: `runs` of them, or, when that is 0, until 3 s have passed
// and 5 are done; fewer when cancelled.
std::vector<double> time_runs(int runs, const CancelToken& cancel,
                              const std::function<void()>& body);

// REQUIRES: not empty.
double median(std::vector<double> values);

// A lower bound in milliseconds: the sum over a gradient's convolutions of the fastest time that
// any algorithm available here reaches for that shape alone. Errors: as measure_floor.
double floor_of(const OneGradient& one, std::int64_t height, std::int64_t width,
                Precision precision);

// The error of a gradient in one precision, compared with double precision.
struct Accuracy {
  Precision wanted, computed_in;  // they differ where the processor lacks `wanted`
  double activation = 0;          // largest difference, relative to the largest activation
  double relative_l2 = 0;         // |gradient - truth| / |truth|
  double cosine = 0;              // between their directions
};

// Every precision at the recipe's layer, on `canvas`, [3,H,W] display units. Errors: as
// prepare_gradient.
std::vector<Accuracy> measure_accuracy(const Network& network, Recipe recipe, Device device,
                                       ConstView canvas);

}  // namespace reverie
