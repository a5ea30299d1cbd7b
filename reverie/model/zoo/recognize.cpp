#include "reverie/model/zoo/recognize.h"

#include <algorithm>
#include <vector>

#include "reverie/graph/network_end.h"

namespace reverie {
namespace {

bool has_signature(const Graph& graph, const ZooNetwork& network) {
  return std::all_of(network.signature_layers.begin(), network.signature_layers.end(),
                     [&](const std::string& layer) { return graph.find(layer) >= 0; });
}

// Where the picture ends and the classifier begins, or something that cannot run.
bool ends_the_picture(const Layer& layer) {
  if (const auto* pool = std::get_if<Pool>(&layer.op))
    return pool->global || pool->window.kernel_h > 4;
  return std::holds_alternative<InnerProduct>(layer.op) ||
         std::holds_alternative<Softmax>(layer.op) ||
         std::holds_alternative<UnknownLayer>(layer.op);
}

// Per layer, whether its value is a picture. One that is gated by a number for each channel, which
// may come from all of it, still is.
std::vector<bool> layers_of_pictures(const Graph& graph) {
  std::vector<bool> of_pictures;
  for (const Layer& layer : graph.layers) {
    const auto is_picture = [&](int input) -> bool {
      return of_pictures[static_cast<std::size_t>(input)];
    };
    const bool any = std::ranges::any_of(layer.inputs, is_picture);
    const bool all = std::ranges::all_of(layer.inputs, is_picture);
    const bool may_be_gated = std::holds_alternative<Eltwise>(layer.op);
    of_pictures.push_back(!ends_the_picture(layer) && (all || (any && may_be_gated)));
  }
  return of_pictures;
}

}  // namespace

const ZooNetwork* recognize(const Graph& graph, const std::filesystem::path& file) {
  const ZooNetwork* const published = published_as(file);
  if (published != nullptr && has_signature(graph, *published)) return published;
  const ZooNetwork* best = nullptr;
  for (const ZooNetwork& network : known_networks())
    if (has_signature(graph, network) &&
        (best == nullptr || network.signature_layers.size() > best->signature_layers.size()))
      best = &network;
  return best;
}

const ZooNetwork* relative_of(const Graph& graph, LayerFamily family) {
  if (family == LayerFamily::none) return nullptr;
  for (const ZooNetwork& network : known_networks())
    if (network.family == family && graph.find(network.default_layer) >= 0) return &network;
  return nullptr;
}

std::string guess_default_layer(const Graph& graph) {
  const std::vector<bool> usable = layers_of_pictures(graph);
  const std::vector<bool> computable = computable_layers(graph);
  std::vector<std::size_t> joins, rectified, any;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    if (!usable[i] || !computable[i] || layer.inputs.empty()) continue;
    any.push_back(i);
    if (std::holds_alternative<Relu>(layer.op)) rectified.push_back(i);
    if (std::holds_alternative<Concat>(layer.op) || std::holds_alternative<Eltwise>(layer.op))
      joins.push_back(i);
  }
  for (const auto* choice : {&joins, &rectified, &any})
    if (!choice->empty()) return graph.layers[(*choice)[(choice->size() - 1) * 2 / 3]].name;
  return "";
}

}  // namespace reverie
