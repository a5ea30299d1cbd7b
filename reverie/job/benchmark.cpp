#include "reverie/job/benchmark.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "reverie/base/threads.h"
#include "reverie/dream/dreamer.h"
#include "reverie/graph/shapes.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/job/job_spec.h"
#include "reverie/job/json_text.h"
#include "reverie/job/networks.h"
#include "reverie/plan/bench.h"
#include "reverie/plan/reference/compiler.h"

namespace reverie {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// The most memory that this process has held since it began; there is no way to reset that.
double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

OneGradient gradient_of(const Network& network, const BenchmarkSpec& spec) {
  return prepare_gradient(network, spec.recipe, spec.device, spec.height, spec.width);
}

Image picture_of(const BenchmarkSpec& spec) { return cloudscape(spec.width, spec.height, 1); }

// The milliseconds of each run of `body`: `runs` of them, or, when that is 0, until 3 s have passed
// and 5 are done; fewer when cancelled.
std::vector<double> time_runs(int runs, const CancelToken& cancel,
                              const std::function<void()>& body) {
  std::vector<double> times;
  const auto begin = Clock::now();
  while (!cancel.cancelled()) {
    if (runs > 0 ? static_cast<int>(times.size()) >= runs
                 : times.size() >= 5 && ms_since(begin) > 3000)
      break;
    const auto run_begin = Clock::now();
    body();
    times.push_back(ms_since(run_begin));
  }
  return times;
}

// REQUIRES: not empty.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Milliseconds that the convolutions of a gradient need at the least.
double floor_of(const OneGradient& one, const BenchmarkSpec& spec) {
  constexpr int repetitions = 3;
  double ms = 0;
  for (const FloorReport& report :
       measure_floor(one.compiler->graph(), one.compiler->targets(), spec.height, spec.width,
                     spec.recipe.precision, repetitions))
    ms += report.ms;
  return ms;
}

// What is the same for a gradient and a dream.
Json head(const std::string& model, const BenchmarkSpec& spec, const std::vector<double>& times) {
  return Json{{"model", model},
              {"width", spec.width},
              {"height", spec.height},
              {"precision", to_string(spec.recipe.precision)},
              {"threads", thread_count()},
              {"runs", times.size()},
              {"ms_median", median(times)},
              {"ms_min", *std::min_element(times.begin(), times.end())}};
}

// The error of a gradient in one precision, compared with double precision.
struct Accuracy {
  Precision wanted, computed_in;  // they differ where the processor lacks `wanted`
  double activation = 0;          // largest difference, relative to the largest activation
  double relative_l2 = 0;         // |gradient - truth| / |truth|
  double cosine = 0;              // between their directions
};

struct Values {
  Tensor activation, grad;
};

Values values_of(Gradient& gradient, ConstView canvas) {
  Values values{{}, Tensor::uninitialized(canvas.shape())};
  gradient.run(canvas, values.grad);
  values.activation = Tensor::copy_of(gradient.plan().activation(0));
  return values;
}

void compare(const Values& one, const Values& truth, Accuracy& accuracy) {
  double largest = 0, difference = 0;
  for (std::int64_t i = 0; i < truth.activation.size(); ++i) {
    largest = std::max(largest, std::abs(double{truth.activation[i]}));
    difference = std::max(difference, std::abs(double{one.activation[i]} - truth.activation[i]));
  }
  accuracy.activation = difference / largest;
  double errors = 0, ones = 0, truths = 0, products = 0;
  for (std::int64_t i = 0; i < truth.grad.size(); ++i) {
    const double a = one.grad[i], b = truth.grad[i];
    errors += (a - b) * (a - b);
    ones += a * a;
    truths += b * b;
    products += a * b;
  }
  accuracy.relative_l2 = std::sqrt(errors / truths);
  accuracy.cosine = products / std::sqrt(ones * truths);
}

// Every precision at the recipe's layer.
std::vector<Accuracy> measure_accuracy(const Network& network, BenchmarkSpec spec) {
  const Image picture = picture_of(spec);
  std::optional<Values> truth;
  std::vector<Accuracy> accuracies;
  for (const auto& [name, precision, help] : precision_names) {
    spec.recipe.precision = precision;
    const OneGradient one = gradient_of(network, spec);
    if (!truth) {
      const auto compiler = reference::make_compiler(network.graph, one.objective->layers);
      Gradient gradient(compiler->compile(spec.height, spec.width), one.objective);
      truth = values_of(gradient, picture.color);
    }
    Accuracy& accuracy = accuracies.emplace_back();
    accuracy.wanted = precision;
    accuracy.computed_in = one.compiler->precision();
    compare(values_of(*one.gradient, picture.color), *truth, accuracy);
  }
  return accuracies;
}

}  // namespace

OneGradient prepare_gradient(const Network& network, const Recipe& recipe, Device device,
                             std::int64_t height, std::int64_t width) {
  if (recipe.layers.size() > 1) throw BadJob("--layer is given more than once, expected one layer");
  const LayerSpec spec = resolved_layers(network, recipe.layers).at(0);
  const auto objective = std::make_shared<BoundObjective>(
      bind(Objective{{Term{spec.name, spec.channels, spec.weight, nullptr}}}, network.graph));

  OneGradient one;
  one.objective = objective;
  one.layer = spec.name;
  one.compiler = make_compiler(network.graph, objective->layers, recipe.precision, device);
  one.gradient = std::make_unique<Gradient>(one.compiler->compile(height, width), objective);

  // Backward to the canvas multiplies as often as forward does
  const Graph& graph = one.compiler->graph();
  one.gflop = 2 * forward_flops(graph, infer_shapes(graph, height, width)) / 1e9;
  return one;
}

std::string array_facts_to_json(ConstView array) {
  double sum = 0, squares = 0, low = array[0], high = array[0];
  for (float value : array.elements()) {
    sum += value;
    squares += static_cast<double>(value) * value;
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  }
  Json shape = Json::array();
  for (int axis = 0; axis < array.shape().rank(); ++axis) shape.push_back(array.shape()[axis]);
  return json_text(Json{
      {"shape", shape}, {"l2", std::sqrt(squares)}, {"sum", sum}, {"min", low}, {"max", high}});
}

std::string benchmark_gradient(const Network& network, const BenchmarkSpec& spec,
                               const CancelToken& cancel) {
  const OneGradient one = gradient_of(network, spec);
  // The first run touches memory for the first time: it is not counted
  const Image picture = picture_of(spec);
  Tensor grad = Tensor::uninitialized(picture.color.shape());
  one.gradient->run(picture.color, grad);
  const std::vector<double> times =
      time_runs(spec.runs, cancel, [&] { one.gradient->run(picture.color, grad); });
  if (times.empty()) return "";

  Json object = head(network.name, spec, times);
  object["precision"] = to_string(one.compiler->precision());
  object["layer"] = one.layer;
  object["gflop"] = one.gflop;
  object["gflops_per_s"] = one.gflop / median(times) * 1000;
  object["peak_rss_mb"] = peak_rss_mb();
  object["floor_ms"] = floor_of(one, spec);
  return json_text(object);
}

std::string benchmark_plan(const Network& network, const BenchmarkSpec& spec, const CancelToken&) {
  const OneGradient one = gradient_of(network, spec);
  const auto plan = one.compiler->compile(spec.height, spec.width);
  const std::vector<StepReport> steps =
      profile(*plan, picture_of(spec).color, spec.runs > 0 ? spec.runs : 5);
  double sum_ms = 0;
  for (const StepReport& step : steps) sum_ms += step.ms;
  Json rows = Json::array();
  for (const StepReport& step : steps)
    rows.push_back({{"layer", step.layer},
                    {"action", step.action},
                    {"algorithm", step.algorithm},
                    {"ms", step.ms},
                    {"gflops_per_s", step.ms > 0 ? step.gflop / step.ms * 1000 : 0},
                    {"share", step.ms / sum_ms}});
  return json_text(Json{{"model", network.name},
                        {"layer", one.layer},
                        {"precision", to_string(one.compiler->precision())},
                        {"threads", thread_count()},
                        {"ms", sum_ms},
                        {"memory_mb", static_cast<double>(plan->memory_bytes()) / 1e6},
                        {"steps", rows}});
}

std::string benchmark_accuracy(const Network& network, const BenchmarkSpec& spec,
                               const CancelToken&) {
  Json rows = Json::array();
  for (const Accuracy& found : measure_accuracy(network, spec))
    rows.push_back({{"precision", to_string(found.wanted)},
                    {"computed_in", to_string(found.computed_in)},
                    {"activation", found.activation},
                    {"relative_l2", found.relative_l2},
                    {"cosine", found.cosine}});
  return json_text(Json{{"model", network.name},
                        {"layer", resolved_layers(network, spec.recipe.layers).at(0).name},
                        {"width", spec.width},
                        {"height", spec.height},
                        {"against", "reference in double precision"},
                        {"precisions", rows}});
}

std::string benchmark_dream(const Network& network, const BenchmarkSpec& spec,
                            const CancelToken& cancel) {
  Dreamer dreamer(network, spec.recipe, spec.device, spec.notices);
  const Image picture = picture_of(spec);
  DreamControl control;
  control.cancel = &cancel;
  control.notices = spec.notices;
  DreamVariation variation;
  variation.plan_memory = spec.plan_memory;
  bool was_cancelled = false;
  const std::vector<double> times = time_runs(std::max(1, spec.runs), cancel, [&] {
    was_cancelled = dreamer.dream(picture, control, variation).cancelled;
  });
  if (times.empty() || was_cancelled) return "";

  Json object = head(network.name, spec, times);
  object["layers"] = dreamer.layer_names();
  object["octaves"] = spec.recipe.octaves;
  object["iterations"] = spec.recipe.iterations;
  object["peak_rss_mb"] = peak_rss_mb();
  return json_text(object);
}

}  // namespace reverie
