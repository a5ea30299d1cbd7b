#include "reverie/job/layer_list.h"

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/graph/cost.h"
#include "reverie/graph/footprint.h"
#include "reverie/graph/network_end.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/job/json_text.h"

namespace reverie {
namespace {

// The layer's shape at a canvas of this size, as if nothing else were in the network. Nothing when
// it cannot be computed there.
std::optional<Shape> shape_alone(const Graph& graph, int layer, std::int64_t height,
                                 std::int64_t width) {
  try {
    const PassResult alone = prune(graph, {layer});
    return infer_shapes(alone.graph, height, width)[static_cast<std::size_t>(alone.targets[0])];
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The number of channels does not depend on the canvas, but some layers exist at one size only.
std::optional<std::int64_t> channels_of(const Graph& graph, int layer) {
  for (std::int64_t side :
       {std::int64_t{256}, std::int64_t{224}, std::int64_t{227}, std::int64_t{299}})
    if (const auto shape = shape_alone(graph, layer, side, side)) return shape->channels();
  return std::nullopt;
}

}  // namespace

std::vector<ListedLayer> list_layers(const Network& network, std::int64_t height,
                                     std::int64_t width) {
  const Graph& graph = network.graph;
  const std::vector<ReceptiveField> fields = receptive_fields(graph);
  const std::vector<double> costs = gflop_per_megapixel(graph);
  const int default_layer = graph.find(network.default_layer);
  std::vector<ListedLayer> rows;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const Layer& layer = graph.layers[static_cast<std::size_t>(i)];
    if (std::holds_alternative<Input>(layer.op)) continue;
    const auto channels = channels_of(graph, i);
    if (!channels) continue;
    ListedLayer row;
    row.name = layer.name;
    row.type = describe(layer.op);
    row.channels = *channels;
    if (const ReceptiveField& field = fields[static_cast<std::size_t>(i)]; field.is_bounded) {
      row.stride = field.y.stride;
      row.receptive_field = field.y.size();
    }
    row.gflop_per_megapixel = costs[static_cast<std::size_t>(i)];
    row.is_default = i == default_layer;
    row.is_good = std::any_of(network.good_layers.begin(), network.good_layers.end(),
                              [&](const std::string& good) { return graph.find(good) == i; });
    for (const Look& look : network.looks)
      for (const Look::Term& term : look.terms)
        if (graph.find(term.layer) == i) row.looks.push_back(look.name);
    if (height > 0)
      if (const auto shape = shape_alone(graph, i, height, width))
        row.size = {shape->width(), shape->height()};
    for (const auto& [alias, index] : graph.aliases)
      if (index == i) row.aliases.push_back(alias);
    rows.push_back(row);
  }
  return rows;
}

std::string layers_to_json(const Network& network, const std::vector<ListedLayer>& layers) {
  Json list = Json::array();
  for (const ListedLayer& row : layers) {
    Json item{
        {"name", row.name}, {"type", row.type}, {"channels", row.channels}, {"stride", nullptr}};
    if (row.stride > 0) {
      item["stride"] = row.stride;
      item["receptive_field"] = row.receptive_field;
    }
    item["gflop_per_megapixel"] = row.gflop_per_megapixel;
    item["good"] = row.is_good;
    if (row.size) item["width"] = row.size->first;
    if (row.size) item["height"] = row.size->second;
    item["default"] = row.is_default;
    item["aliases"] = row.aliases;
    if (!row.looks.empty()) item["looks"] = row.looks;
    list.push_back(item);
  }
  Json object{{"model", network.name},
              {"default_layer", network.default_layer},
              {"layers", list},
              {"ends_at", nullptr}};
  if (const auto end = network_end(network.graph))
    object["ends_at"] = {{"layer", end->layer},
                         {"type", end->type},
                         {"layers_beyond", end->layers_beyond},
                         {"text", describe(*end, network.name)}};
  return json_text(object);
}

int min_picture_side(const Network& network) {
  try {
    const int layer = network.graph.find(network.default_layer);
    return layer < 0 ? 0 : min_side(prune(network.graph, {layer}).graph);
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace reverie
