// reverie bench gradient|plan|accuracy|dream
#include <fmt/format.h>

#include <memory>
#include <tuple>

#include "apps/cli/arguments.h"
#include "apps/cli/interrupt.h"
#include "reverie/job/benchmark.h"

namespace reverie::cli {
namespace {

struct BenchArguments {
  RecipeArguments recipe;
  std::string prototxt;
  MachineArguments machine;
  std::string size;
  int runs = 0;  // 0: as many as fit in a few seconds
};

using Benchmark = std::string (*)(const Network&, const BenchmarkSpec&, const CancelToken&);

// What a benchmark found, null when it was cancelled. Errors: UsageError; as the benchmark.
Json measured(const BenchArguments& typed, Benchmark benchmark, Session& session) {
  BenchmarkSpec spec;
  spec.recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  watch_interrupts(session.cancel);
  spec.device = typed.machine.chosen_device();
  spec.plan_memory = typed.machine.plan_memory();
  std::tie(spec.width, spec.height) = fitted_size(typed_size(typed.size), 1, 1);
  spec.runs = typed.runs;
  spec.notices = session.terminal.notices();
  const Network network = open_typed_network(spec.recipe, typed.prototxt, session.terminal);
  const std::string found = benchmark(network, spec, session.cancel);
  return found.empty() ? Json() : Json::parse(found);
}

void show_values(const Json& found, Terminal& terminal) {
  for (const auto& [key, value] : found.items()) {
    const std::string text = value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? fmt::format("{:.2f}", value.get<double>())
                                                       : value.dump();
    terminal.print(fmt::format("{:14} {}\n", key, text));
  }
}

void show_steps(const Json& found, Terminal& terminal) {
  for (const Json& step : found["steps"]) {
    const auto speed = step["gflops_per_s"].get<double>();
    terminal.print(fmt::format(
        "{:8.2f} ms {:5.1f} % {:>6} GFLOP/s  {:18} {:26} {}\n", step["ms"].get<double>(),
        100 * step["share"].get<double>(), speed > 0 ? fmt::format("{:.0f}", speed) : "-",
        step["action"].get<std::string>(), step["algorithm"].get<std::string>(),
        step["layer"].get<std::string>()));
  }
  terminal.print(fmt::format("{:8.2f} ms in all\n", found["ms"].get<double>()));
}

void show_accuracies(const Json& found, Terminal& terminal) {
  for (const Json& row : found["precisions"])
    terminal.print(fmt::format(
        "{:6} activation error {:.1e} of the largest value, gradient error {:.1e} (relative L2), "
        "cosine {:.6f}{}\n",
        row["precision"].get<std::string>(), row["activation"].get<double>(),
        row["relative_l2"].get<double>(), row["cosine"].get<double>(),
        row["computed_in"] == row["precision"] ? "" : ", computed in fast on this processor"));
}

}  // namespace

void add_bench(Command program, Session& session) {
  Command command =
      program.add_command("bench", "measure this machine: gradient, plan, accuracy, dream");
  command.runs([]() -> int {
    throw UsageError("bench: no benchmark named; choose gradient, plan, accuracy or dream");
  });
  const auto add = [&](const char* name, const char* help, const char* size, Benchmark benchmark,
                       void (*show)(const Json&, Terminal&),
                       const std::vector<std::string>& settings) {
    Command which = command.add_command(name, help);
    const auto typed = std::make_shared<BenchArguments>();
    typed->size = size;
    which.add("--size", typed->size, fmt::format("size of the picture in px [{}]", size))
        .form("WxH|N");
    which.add("--runs", typed->runs, "number of timed runs").form("N").range(1, 1000000);
    typed->recipe.add_to(which, settings);
    add_prototxt_option(which, typed->prototxt);
    typed->machine.add_to(which);
    add_output_level_options(which, session.terminal);
    which.runs([typed, benchmark, show, &session] {
      const Json found = measured(*typed, benchmark, session);
      if (found.is_null()) return interrupted;
      if (session.terminal.json)
        session.terminal.print(found);
      else
        show(found, session.terminal);
      return session.cancel.cancelled() ? interrupted : done;
    });
  };
  add("gradient", "time one forward and backward pass of a layer", "512", benchmark_gradient,
      show_values, {"model", "layer", "precision"});
  add("plan", "time each step of one forward and backward pass", "512", benchmark_plan, show_steps,
      {"model", "layer", "precision"});
  add("accuracy", "compare the gradient in each precision with one in double precision", "224",
      benchmark_accuracy, show_accuracies, {"model", "layer"});
  add("dream", "time a whole dream; reports the peak memory of the process", "1024x575",
      benchmark_dream, show_values,
      {"preset", "model", "layer", "octaves", "octave-scale", "iterations", "step", "jitter",
       "tile", "precision"});
}

}  // namespace reverie::cli
