// reverie bench accuracy
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/cli/bench.h"
#include "apps/cli/one_gradient.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/plan/reference/compiler.h"

namespace reverie::cli {
namespace {

// How far a gradient is from the true one.
struct Accuracy {
  double activation;   // largest difference, as a share of the largest activation
  double relative_l2;  // |gradient - truth| / |truth|
  double cosine;       // between their directions
};

struct Result {
  Tensor activation, grad;
};

Result run(Gradient& gradient, ConstView canvas) {
  Result result{{}, Tensor::uninitialized(canvas.shape())};
  gradient.run(canvas, result.grad);
  result.activation = Tensor::copy_of(gradient.plan().activation(0));
  return result;
}

Accuracy compare(const Result& one, const Result& truth) {
  double most = 0, worst = 0;
  for (std::int64_t i = 0; i < truth.activation.size(); ++i) {
    most = std::max(most, std::abs(double{truth.activation[i]}));
    worst = std::max(worst, std::abs(double{one.activation[i]} - truth.activation[i]));
  }
  double difference = 0, ones = 0, truths = 0, product = 0;
  for (std::int64_t i = 0; i < truth.grad.size(); ++i) {
    const double a = one.grad[i], b = truth.grad[i];
    difference += (a - b) * (a - b);
    ones += a * a;
    truths += b * b;
    product += a * b;
  }
  return {worst / most, std::sqrt(difference / truths), product / std::sqrt(ones * truths)};
}

}  // namespace

int bench_accuracy(const BenchArguments& typed, Session& session) {
  Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  const WantedSize size = canvas_size(typed.size.empty() ? "224" : typed.size);
  const Network network = open_network_of(recipe, typed.network, session.terminal.notices());
  const Image frame = cloudscape(size.width, size.height, 1);

  std::string layer;
  std::optional<Result> truth;
  Json rows = Json::array();
  for (const auto& [name, precision, help] : precision_names) {
    recipe.precision = precision;
    const OneGradient one =
        prepare_gradient(network, recipe, typed.machine.chosen_device(), size.height, size.width);
    if (!truth) {
      layer = one.layer;
      const auto compiler = reference::make_compiler(network.graph, one.objective->layers);
      Gradient gradient(compiler->compile(size.height, size.width), one.objective);
      truth = run(gradient, frame.color);
    }
    const Accuracy found = compare(run(*one.gradient, frame.color), *truth);
    rows.push_back({{"precision", name},
                    {"computed_in", to_string(one.compiler->precision())},
                    {"activation", found.activation},
                    {"relative_l2", found.relative_l2},
                    {"cosine", found.cosine}});
    if (!session.terminal.json)
      session.terminal.print(
          fmt::format("{:6} activation within {:.1e} of its largest, gradient {:.1e} relative L2, "
                      "cosine {:.6f}{}\n",
                      name, found.activation, found.relative_l2, found.cosine,
                      one.compiler->precision() == precision ? "" : ", computed as fast here"));
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

}  // namespace reverie::cli
