#include "reverie/graph/cost.h"

#include <set>

#include "reverie/graph/footprint.h"

namespace reverie {
namespace {

// Forward and backward of this layer alone, per pixel of the canvas.
double flop_per_pixel(const Layer& layer, const ReceptiveField& field,
                      const ReceptiveField& input) {
  const auto* convolution = std::get_if<Convolution>(&layer.op);
  const auto* transposed = std::get_if<TransposedConvolution>(&layer.op);
  if ((!convolution && !transposed) || !field.is_bounded) return 0;
  // Each weight counts once for each position of the value, or of what is transposed
  const ReceptiveField& positions = transposed ? input : field;
  const Weights& weights = transposed ? transposed->weights : convolution->weights;
  return 4.0 * static_cast<double>(weights->size()) / static_cast<double>(positions.y.stride) /
         static_cast<double>(positions.x.stride);
}

}  // namespace

std::vector<double> gflop_per_megapixel(const Graph& graph) {
  const std::vector<ReceptiveField> fields = receptive_fields(graph);
  std::vector<double> own;            // flop of each layer alone
  std::vector<std::set<int>> needed;  // the layers below each, with itself
  std::vector<double> result;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const Layer& layer = graph.layers[static_cast<std::size_t>(i)];
    const int first = layer.inputs.empty() ? i : layer.inputs[0];
    own.push_back(flop_per_pixel(layer, fields[static_cast<std::size_t>(i)],
                                 fields[static_cast<std::size_t>(first)]));
    std::set<int> below{i};
    for (int input : layer.inputs) below.merge(std::set(needed[static_cast<std::size_t>(input)]));
    double flop = 0;
    for (int one : below) flop += own[static_cast<std::size_t>(one)];
    needed.push_back(std::move(below));
    result.push_back(flop * 1e6 * 1e-9);
  }
  return result;
}

}  // namespace reverie
