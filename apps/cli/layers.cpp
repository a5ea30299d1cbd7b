// reverie layers
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/graph/cost.h"
#include "reverie/graph/footprint.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"

namespace reverie::cli {
namespace {

struct LayersArguments {
  std::string model;
  NetworkOptions network;
  std::string image;
  std::string size;
};

// One layer that can be dreamed on.
struct Row {
  std::string name, type;
  std::int64_t channels = 0;
  std::int64_t stride = 0, receptive_field = 0;  // px, along y; 0: it depends on the whole picture
  double gflop_per_megapixel = 0;
  std::optional<std::pair<std::int64_t, std::int64_t>>
      size;  // width, height; none: not at this size
  bool is_default = false, is_good = false;
  std::string look;  // may be empty
  std::vector<std::string> aliases;
};

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

std::vector<Row> list_rows(const Network& network, std::int64_t height, std::int64_t width) {
  const Graph& graph = network.graph;
  const std::vector<ReceptiveField> fields = receptive_fields(graph);
  const std::vector<double> costs = gflop_per_megapixel(graph);
  const int default_layer = graph.find(network.default_layer);
  std::vector<Row> rows;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const Layer& layer = graph.layers[static_cast<std::size_t>(i)];
    if (std::holds_alternative<Input>(layer.op)) continue;
    const auto channels = channels_of(graph, i);
    if (!channels) continue;
    Row row;
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
      if (graph.find(look.layer) == i) row.look = look.name;
    if (height > 0)
      if (const auto shape = shape_alone(graph, i, height, width))
        row.size = {shape->width(), shape->height()};
    for (const auto& [alias, index] : graph.aliases)
      if (index == i) row.aliases.push_back(alias);
    rows.push_back(row);
  }
  return rows;
}

std::string table(const std::vector<Row>& rows, bool sizes, bool looks) {
  std::size_t name_width = 5, type_width = 4;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    type_width = std::max(type_width, row.type.size());
  }
  std::string text =
      fmt::format("  {:{}}  {:{}}  {:>8}  {:>6}  {:>15}  {:>8}{}\n", "LAYER", name_width, "TYPE",
                  type_width, "CHANNELS", "STRIDE", "RECEPTIVE FIELD", "GFLOP/MP",
                  fmt::format("{}{}", sizes ? "       SIZE" : "", looks ? "  LOOK" : ""));
  for (const Row& row : rows) {
    const char mark = row.is_default ? '*' : row.is_good ? '+' : ' ';
    text += fmt::format("{} {:{}}  {:{}}  {:>8}  {:>6}  {:>15}  {:>8.1f}", mark, row.name,
                        name_width, row.type, type_width, row.channels,
                        row.stride > 0 ? fmt::format("{} px", row.stride) : "-",
                        row.receptive_field > 0 ? fmt::format("{} px", row.receptive_field) : "all",
                        row.gflop_per_megapixel);
    if (sizes)
      text += fmt::format("  {:>9}",
                          row.size ? fmt::format("{}x{}", row.size->first, row.size->second) : "-");
    if (!row.look.empty()) text += "  " + row.look;
    text += '\n';
  }
  return text;
}

Json json(const Network& network, const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
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
    if (!row.look.empty()) item["look"] = row.look;
    list.push_back(item);
  }
  return Json{{"model", network.name}, {"default_layer", network.default_layer}, {"layers", list}};
}

int list_layers(const LayersArguments& typed, Terminal& terminal) {
  // The canvas is that of a picture, changed by --size, or --size alone
  const auto wanted = typed_size(typed.size);
  std::pair<std::int64_t, std::int64_t> canvas{0, 0};
  if (!typed.image.empty()) {
    const Image frame = read_image(typed.image, terminal.notices());
    canvas = fitted_size(wanted, frame.width(), frame.height());
  } else if (wanted) {
    canvas = wanted->longest
                 ? std::pair<std::int64_t, std::int64_t>{wanted->longest, wanted->longest}
                 : std::pair<std::int64_t, std::int64_t>{wanted->width, wanted->height};
  }

  const Network network = open_network(typed.model, typed.network, terminal.notices());
  const std::vector<Row> rows = list_rows(network, canvas.second, canvas.first);
  if (terminal.json) {
    terminal.print(json(network, rows));
    return done;
  }
  terminal.print(table(rows, canvas.first > 0, !network.looks.empty()));
  terminal.print(fmt::format(
      "\n{} layers of {}; *: the default{}{}\n"
      "GFLOP/MP: operations of one gradient per megapixel\n",
      rows.size(), network.name, network.good_layers.empty() ? "" : ", +: recommended too",
      network.looks.empty() ? "" : "\nLOOK: name of the layer's style, which --layer takes too"));
  return done;
}

}  // namespace

void add_layers(Command program, Session& session) {
  Command command = program.add_command(
      "layers", "list the layers of a network that can be dreamed on, with channels and sizes");
  const auto typed = std::make_shared<LayersArguments>();
  command.add("IMAGE", typed->image, "show the size that each layer has on this picture");
  command.add("-m,--model", typed->model, "network, by name or file [the one inside]")
      .form("NAME|FILE");
  add_prototxt_option(command, typed->network);
  command.add("--size", typed->size, "show the size that each layer has at this size, in px")
      .form("WxH|MAX");
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return list_layers(*typed, session.terminal); });
}

}  // namespace reverie::cli
