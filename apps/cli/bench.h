// bench.h: what the benchmarks share.
#pragma once

#include <string>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"

namespace reverie::cli {

struct BenchArguments {
  RecipeArguments recipe;
  NetworkOptions network;
  MachineArguments machine;
  std::string size;
  int runs = 0;  // 0: as many as fit in a few seconds
};

// WxH, or N for a square. Errors: UsageError.
WantedSize canvas_size(const std::string& text);

// Every precision against the reference in double: see add_bench.
int bench_accuracy(const BenchArguments& typed, Session& session);

}  // namespace reverie::cli
