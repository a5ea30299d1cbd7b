#include "reverie/job/benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "reverie/graph/shapes.h"
#include "reverie/job/job_spec.h"
#include "reverie/job/networks.h"
#include "reverie/plan/bench.h"
#include "reverie/plan/reference/compiler.h"

namespace reverie {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double floor_of(const OneGradient& one, std::int64_t height, std::int64_t width,
                Precision precision) {
  constexpr int repetitions = 3;
  double ms = 0;
  for (const FloorReport& report : measure_floor(one.compiler->graph(), one.compiler->targets(),
                                                 height, width, precision, repetitions))
    ms += report.ms;
  return ms;
}

std::vector<Accuracy> measure_accuracy(const Network& network, Recipe recipe, Device device,
                                       ConstView canvas) {
  const std::int64_t height = canvas.shape().height(), width = canvas.shape().width();
  std::optional<Values> truth;
  std::vector<Accuracy> accuracies;
  for (const auto& [name, precision, help] : precision_names) {
    recipe.precision = precision;
    const OneGradient one = prepare_gradient(network, recipe, device, height, width);
    if (!truth) {
      const auto compiler = reference::make_compiler(network.graph, one.objective->layers);
      Gradient gradient(compiler->compile(height, width), one.objective);
      truth = values_of(gradient, canvas);
    }
    Accuracy& accuracy = accuracies.emplace_back();
    accuracy.wanted = precision;
    accuracy.computed_in = one.compiler->precision();
    compare(values_of(*one.gradient, canvas), *truth, accuracy);
  }
  return accuracies;
}

}  // namespace reverie
