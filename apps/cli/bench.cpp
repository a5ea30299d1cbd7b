// reverie bench gradient|plan|accuracy|dream
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/interrupt.h"
#include "reverie/base/threads.h"
#include "reverie/dream/dreamer.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/job/benchmark.h"
#include "reverie/job/networks.h"
#include "reverie/plan/bench.h"

namespace reverie::cli {
namespace {

struct BenchArguments {
  RecipeArguments recipe;
  std::string prototxt;
  MachineArguments machine;
  std::string size;
  int runs = 0;  // 0: as many as fit in a few seconds
};

// WxH, or N for a square. Errors: UsageError.
WantedSize canvas_size(const std::string& text) {
  WantedSize size = typed_size(text).value();
  if (size.longest != 0) size.width = size.height = size.longest;
  return size;
}

// The most memory that this process has held since it began; there is no way to reset that.
double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

// What is the same in both benchmarks.
Json head(const std::string& model, const Recipe& recipe, const WantedSize& size,
          const std::vector<double>& times) {
  return Json{{"model", model},
              {"width", size.width},
              {"height", size.height},
              {"precision", to_string(recipe.precision)},
              {"threads", thread_count()},
              {"runs", times.size()},
              {"ms_median", median(times)},
              {"ms_min", *std::min_element(times.begin(), times.end())}};
}

void show(const Json& object, Terminal& terminal) {
  if (terminal.json) {
    terminal.print(object);
    return;
  }
  for (const auto& [key, value] : object.items()) {
    const std::string text = value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? fmt::format("{:.2f}", value.get<double>())
                                                       : value.dump();
    terminal.print(fmt::format("{:14} {}\n", key, text));
  }
}

int bench_gradient(const BenchArguments& typed, Session& session) {
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  watch_interrupts(session.cancel);
  const WantedSize size = canvas_size(typed.size.empty() ? "512" : typed.size);
  const Network network = open_typed_network(recipe, typed.prototxt, session.terminal);
  const OneGradient one =
      prepare_gradient(network, recipe, typed.machine.chosen_device(), size.height, size.width);

  // The first run touches memory for the first time: it is not counted
  const Image frame = cloudscape(size.width, size.height, 1);
  Tensor grad = Tensor::uninitialized(frame.color.shape());
  one.gradient->run(frame.color, grad);
  const std::vector<double> times =
      time_runs(typed.runs, session.cancel, [&] { one.gradient->run(frame.color, grad); });
  if (times.empty()) return interrupted;

  Json object = head(network.name, recipe, size, times);
  object["precision"] = to_string(one.compiler->precision());
  object["layer"] = one.layer;
  object["gflop"] = one.gflop;
  object["gflops_per_s"] = one.gflop / object["ms_median"].get<double>() * 1000;
  object["peak_rss_mb"] = peak_rss_mb();

  object["floor_ms"] = floor_of(one, size.height, size.width, recipe.precision);
  show(object, session.terminal);
  return session.cancel.cancelled() ? interrupted : done;
}

int bench_plan(const BenchArguments& typed, Session& session) {
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  const WantedSize size = canvas_size(typed.size.empty() ? "512" : typed.size);
  const Network network = open_typed_network(recipe, typed.prototxt, session.terminal);
  const OneGradient one =
      prepare_gradient(network, recipe, typed.machine.chosen_device(), size.height, size.width);
  const auto plan = one.compiler->compile(size.height, size.width);
  const Image frame = cloudscape(size.width, size.height, 1);
  const std::vector<StepReport> steps =
      profile(*plan, frame.color, typed.runs > 0 ? typed.runs : 5);

  double sum_ms = 0;
  for (const StepReport& step : steps) sum_ms += step.ms;
  Json rows = Json::array();
  for (const StepReport& step : steps) {
    const double speed = step.ms > 0 ? step.gflop / step.ms * 1000 : 0;
    rows.push_back({{"layer", step.layer},
                    {"action", step.action},
                    {"algorithm", step.algorithm},
                    {"ms", step.ms},
                    {"gflops_per_s", speed},
                    {"share", step.ms / sum_ms}});
    if (!session.terminal.json)
      session.terminal.print(fmt::format("{:8.2f} ms {:5.1f} % {:>6} GFLOP/s  {:18} {:26} {}\n",
                                         step.ms, 100 * step.ms / sum_ms,
                                         step.gflop > 0 ? fmt::format("{:.0f}", speed) : "-",
                                         step.action, step.algorithm, step.layer));
  }
  if (session.terminal.json)
    session.terminal.print(Json{{"model", network.name},
                                {"layer", one.layer},
                                {"precision", to_string(one.compiler->precision())},
                                {"threads", thread_count()},
                                {"ms", sum_ms},
                                {"memory_mb", static_cast<double>(plan->memory_bytes()) / 1e6},
                                {"steps", rows}});
  else
    session.terminal.print(fmt::format("{:8.2f} ms in all\n", sum_ms));
  return done;
}

int bench_dream(const BenchArguments& typed, Session& session) {
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  watch_interrupts(session.cancel);
  const WantedSize size = canvas_size(typed.size.empty() ? "1024x575" : typed.size);
  Network network = open_typed_network(recipe, typed.prototxt, session.terminal);
  const std::string model = network.name;
  Dreamer dreamer(std::move(network), recipe, typed.machine.chosen_device(),
                  session.terminal.notices());
  const Image frame = cloudscape(size.width, size.height, 1);
  DreamControl control;
  control.cancel = &session.cancel;
  control.notices = session.terminal.notices();
  DreamVariation variation;
  variation.plan_memory = typed.machine.plan_memory();
  bool was_cancelled = false;
  const std::vector<double> times = time_runs(std::max(1, typed.runs), session.cancel, [&] {
    was_cancelled = dreamer.dream(frame, control, variation).cancelled;
  });
  if (times.empty() || was_cancelled) return interrupted;

  Json object = head(model, recipe, size, times);
  object["layers"] = dreamer.layer_names();
  object["octaves"] = recipe.octaves;
  object["iterations"] = recipe.iterations;
  object["peak_rss_mb"] = peak_rss_mb();
  show(object, session.terminal);
  return done;
}

int bench_accuracy(const BenchArguments& typed, Session& session) {
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  const WantedSize size = canvas_size(typed.size.empty() ? "224" : typed.size);
  const Network network = open_typed_network(recipe, typed.prototxt, session.terminal);
  const std::string layer = resolved_layers(network, recipe.layers).at(0).name;
  Json rows = Json::array();
  for (const Accuracy& found : measure_accuracy(network, recipe, typed.machine.chosen_device(),
                                                cloudscape(size.width, size.height, 1).color)) {
    rows.push_back({{"precision", to_string(found.wanted)},
                    {"computed_in", to_string(found.computed_in)},
                    {"activation", found.activation},
                    {"relative_l2", found.relative_l2},
                    {"cosine", found.cosine}});
    if (!session.terminal.json)
      session.terminal.print(fmt::format(
          "{:6} activation error {:.1e} of the largest value, gradient error {:.1e} (relative L2), "
          "cosine {:.6f}{}\n",
          to_string(found.wanted), found.activation, found.relative_l2, found.cosine,
          found.computed_in == found.wanted ? "" : ", computed in fast on this processor"));
  }
  if (session.terminal.json)
    session.terminal.print(Json{{"model", network.name},
                                {"layer", layer},
                                {"width", size.width},
                                {"height", size.height},
                                {"against", "reference in double precision"},
                                {"precisions", rows}});
  return done;
}

}  // namespace

void add_bench(Command program, Session& session) {
  Command command =
      program.add_command("bench", "measure this machine: gradient, plan, accuracy, dream");
  command.runs([]() -> int {
    throw UsageError("bench: no benchmark named; choose gradient, plan, accuracy or dream");
  });
  const auto add = [&](const char* name, const char* help, const char* size_help,
                       int (*action)(const BenchArguments&, Session&),
                       const std::vector<std::string>& settings) {
    Command which = command.add_command(name, help);
    const auto typed = std::make_shared<BenchArguments>();
    which.add("--size", typed->size, size_help).form("WxH|N");
    which.add("--runs", typed->runs, "number of timed runs").form("N").range(1, 1000000);
    typed->recipe.add_to(which, settings);
    add_prototxt_option(which, typed->prototxt);
    typed->machine.add_to(which);
    add_output_level_options(which, session.terminal);
    which.runs([typed, action, &session] { return action(*typed, session); });
  };
  add("gradient", "time one forward and backward pass of a layer", "size of the canvas in px [512]",
      bench_gradient, {"model", "layer", "precision"});
  add("plan", "time each step of one forward and backward pass", "size of the canvas in px [512]",
      bench_plan, {"model", "layer", "precision"});
  add("accuracy", "compare the gradient in each precision with one in double precision",
      "size of the canvas in px [224]", bench_accuracy, {"model", "layer"});
  add("dream", "time a whole dream; reports the peak memory of the process",
      "size of the picture in px [1024x575]", bench_dream,
      {"preset", "model", "layer", "octaves", "octave-scale", "iterations", "step", "jitter",
       "tile", "precision"});
}

}  // namespace reverie::cli
