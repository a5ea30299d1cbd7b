#include "apps/cli/one_gradient.h"

#include "reverie/graph/shapes.h"

namespace reverie::cli {

OneGradient prepare_gradient(const Network& network, const Recipe& recipe, Device device,
                             std::int64_t height, std::int64_t width) {
  if (recipe.layers.size() > 1)
    throw UsageError("--layer is given more than once, expected one layer");
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

}  // namespace reverie::cli
