// reverie layers
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/graph/network_end.h"
#include "reverie/job/layer_list.h"

namespace reverie::cli {
namespace {

struct LayersArguments {
  std::string model;
  std::string prototxt;
  std::string image;
  std::string size;
};

std::string table(const std::vector<ListedLayer>& rows, bool sizes, bool looks) {
  std::size_t name_width = 5, type_width = 4;
  for (const ListedLayer& row : rows) {
    name_width = std::max(name_width, row.name.size());
    type_width = std::max(type_width, row.type.size());
  }
  std::string text =
      fmt::format("  {:{}}  {:{}}  {:>8}  {:>6}  {:>15}  {:>8}{}\n", "LAYER", name_width, "TYPE",
                  type_width, "CHANNELS", "STRIDE", "RECEPTIVE FIELD", "GFLOP/MP",
                  fmt::format("{}{}", sizes ? "       SIZE" : "", looks ? "  LOOK" : ""));
  for (const ListedLayer& row : rows) {
    const char mark = row.is_default ? '*' : row.is_good ? '+' : ' ';
    text += fmt::format("{} {:{}}  {:{}}  {:>8}  {:>6}  {:>15}  {:>8.1f}", mark, row.name,
                        name_width, row.type, type_width, row.channels,
                        row.stride > 0 ? fmt::format("{} px", row.stride) : "-",
                        row.receptive_field > 0 ? fmt::format("{} px", row.receptive_field) : "all",
                        row.gflop_per_megapixel);
    if (sizes)
      text += fmt::format("  {:>9}",
                          row.size ? fmt::format("{}x{}", row.size->first, row.size->second) : "-");
    if (!row.looks.empty()) text += fmt::format("  {}", fmt::join(row.looks, ", "));
    text += '\n';
  }
  return text;
}

int show_layers(const LayersArguments& typed, Terminal& terminal) {
  // The canvas is that of a picture, changed by --size, or --size alone
  const auto wanted = typed_size(typed.size);
  std::pair<std::int64_t, std::int64_t> canvas{0, 0};
  if (wanted && wanted->percent > 0 && typed.image.empty())
    throw UsageError("--size with % needs a picture: reverie layers IMAGE --size 50%");
  if (wanted) canvas = fitted_size(wanted, 1, 1);
  if (!typed.image.empty()) {
    const Image frame = read_image(typed.image, terminal.notices());
    canvas = fitted_size(wanted, frame.width(), frame.height());
  }

  Recipe recipe;
  recipe.model = typed.model;
  const Network network = open_typed_network(recipe, typed.prototxt, terminal);
  const std::vector<ListedLayer> rows = list_layers(network, canvas.second, canvas.first);
  if (terminal.json) {
    terminal.print(layers_to_json(network, rows) + "\n");
    return done;
  }
  terminal.print(table(rows, canvas.first > 0, !network.looks.empty()));
  terminal.print(fmt::format(
      "\n{} layers of {}; *: the default{}{}\nGFLOP/MP: billions of operations for one gradient, "
      "per megapixel\n",
      rows.size(), network.name, network.good_layers.empty() ? "" : ", +: recommended too",
      network.looks.empty() ? "" : "\nLOOK: another name of the layer, after what it dreams of"));
  if (const auto end = network_end(network.graph)) terminal.info(describe(*end, network.name));
  return done;
}

}  // namespace

void add_layers(Command program, Session& session) {
  Command command =
      program.add_command("layers", "list the layers of a network that can be dreamed on");
  const auto typed = std::make_shared<LayersArguments>();
  command.add("IMAGE", typed->image, "also show each layer's size for this picture");
  command.add("-m,--model", typed->model, "network, by name or file [the built-in one]")
      .form("NAME|FILE");
  add_prototxt_option(command, typed->prototxt);
  command
      .add("--size", typed->size, "also show each layer's size for a picture of this size, in px")
      .form("WxH|MAX");
  add_output_level_options(command, session.terminal);
  command.runs([typed, &session] { return show_layers(*typed, session.terminal); });
}

}  // namespace reverie::cli
