// one_gradient.h: what `probe` and `bench gradient` share: one layer of a network, ready to be run
// at one size.
#pragma once

#include <memory>

#include "apps/cli/arguments.h"
#include "reverie/gradient/gradient.h"

namespace reverie::cli {

struct OneGradient {
  std::shared_ptr<const BoundObjective> objective;
  std::unique_ptr<Compiler> compiler;
  std::unique_ptr<Gradient> gradient;
  std::string layer;  // by full name
  double gflop = 0;   // of one forward and one backward
};

// The recipe says layers and precision; all of its layers but the first are an error, since one
// array is written. Errors: UsageError; as resolve_layer, bind, make_compiler and
// Compiler::compile.
OneGradient prepare_gradient(const Network& network, const Recipe& recipe, Device device,
                             std::int64_t height, std::int64_t width);

}  // namespace reverie::cli
