// Point and dream: what a network sees at a place of a picture, and where.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/atlas.h"
#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "apps/studio/point.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr auto on_files = Reception::Where::files;
constexpr std::size_t most_layers = 8, most_shown = 12, most_channels = 64;

Response busy() {
  return error_response(503, "Busy", "the engine is at work; ask again in a moment");
}

std::string text_at(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

// Errors: BadRecipe.
std::shared_ptr<const Opened> network_of(const std::string& name, Studio& studio) {
  auto network = studio.networks.find(name);
  if (!network) throw BadRecipe(fmt::format("network: '{}' is not here", name));
  return network;
}

const ListedLayer& layer_of(const std::string& name, const Opened& network) {
  const ListedLayer* layer = network.layer(name);
  if (layer == nullptr)
    throw BadRecipe(fmt::format("layer: {} has no layer '{}'", network.name, name));
  return *layer;
}

// A sight of a layer that is asked for alone: with the four depths where it is one of them, since
// these were looked at with the click.
Sight sight_of(const std::string& picture, const std::string& layer,
               std::shared_ptr<const Opened> network) {
  const std::string name = layer_of(layer, *network).name;
  std::vector<std::string> layers = four_depths(network->network);
  if (std::find(layers.begin(), layers.end(), name) == layers.end()) layers = {name};
  return {picture, std::move(network), std::move(layers)};
}

// ---- The strongest channels at a place

Place place_of(const Json& body) {
  const auto at = body.find("at");
  const bool is_pair = at != body.end() && at->is_array() && at->size() == 2 &&
                       (*at)[0].is_number() && (*at)[1].is_number();
  const Place place =
      is_pair ? Place{(*at)[0].get<double>(), (*at)[1].get<double>()} : Place{-1, -1};
  if (!(place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1))
    throw BadRecipe("at: expected two numbers from 0 to 1, across and down");
  return place;
}

std::vector<std::string> layers_of(const Json& body, const Opened& network) {
  const auto asked = body.find("layers");
  if (asked == body.end() || asked->is_null()) return four_depths(network.network);
  if (!asked->is_array() || asked->empty() || asked->size() > most_layers)
    throw BadRecipe(fmt::format("layers: expected a list of 1 to {} names", most_layers));
  std::vector<std::string> layers;
  for (const Json& layer : *asked)
    layers.push_back(layer_of(layer.is_string() ? layer.get<std::string>() : "", network).name);
  return layers;
}

Response post_look(const Call& call) {
  const Json body = call.body();
  const Place at = place_of(body);
  Sight sight{text_at(body, "picture"), network_of(text_at(body, "network"), call.studio), {}};
  sight.layers = layers_of(body, *sight.network);
  std::vector<std::vector<ChannelResponse>> ranked;
  const bool is_seen = call.studio.looker.see(sight, [&](const Looker::Seen& seen) {
    for (const std::string& layer : sight.layers)
      ranked.push_back(seen.ranker.ranked(seen.index_of(layer), at));
  });
  if (!is_seen) return busy();
  Json layers = Json::array();
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const std::string& layer = sight.layers[i];
    Json channels = Json::array();
    for (std::size_t j = 0; j < std::min(ranked[i].size(), most_shown); ++j) {
      const auto& [channel, value] = ranked[i][j];
      const bool is_ready = call.studio.atlas.is_ready(*sight.network, layer, channel);
      channels.push_back(
          {{"channel", channel},
           {"value", value},
           {"url", is_ready ? Json(channel_url(sight.network->name, layer, channel)) : Json()}});
    }
    layers.push_back({{"layer", layer}, {"channels", channels}});
  }
  return json_response(Json{{"layers", layers}}.dump());
}

// ---- Where channels answer

Response get_heat(const Call& call) {
  const Request& request = call.request;
  const std::string layer = request.argument("layer"), number = request.argument("channel");
  int channel = -1;
  std::from_chars(number.data(), number.data() + number.size(), channel);
  const Sight sight = sight_of(request.argument("picture"), layer,
                               network_of(request.argument("network"), call.studio));
  const std::string name = layer_of(layer, *sight.network).name;
  Tensor heat;
  const bool is_seen = call.studio.looker.see(sight, [&](const Looker::Seen& seen) {
    heat = seen.ranker.heat_map(seen.index_of(name), channel);
  });
  if (!is_seen) return busy();
  Image image;
  image.color = Tensor::uninitialized({3, heat.shape().height(), heat.shape().width()});
  for (int plane = 0; plane < 3; ++plane)
    std::copy(heat.data(), heat.data() + heat.size(), image.color.data() + plane * heat.size());
  Response response;
  ImageOptions options;
  options.format = "png";
  response.body = encode_image(image, options);
  response.type = "image/png";
  response.headers.emplace_back("Cache-Control", "private, max-age=3600");
  return response;
}

std::vector<int> channels_of(const Json& body) {
  const auto asked = body.find("channels");
  const bool is_list = asked != body.end() && asked->is_array() && !asked->empty() &&
                       asked->size() <= most_channels &&
                       std::all_of(asked->begin(), asked->end(),
                                   [](const Json& one) { return one.is_number_integer(); });
  if (!is_list)
    throw BadRecipe(fmt::format("channels: expected a list of 1 to {} numbers", most_channels));
  std::vector<int> channels;
  for (const Json& one : *asked)
    channels.push_back(
        static_cast<int>(std::clamp<std::int64_t>(one.get<std::int64_t>(), -1, 1 << 30)));
  return channels;
}

Response post_mask(const Call& call) {
  const Json body = call.body();
  const std::vector<int> channels = channels_of(body);
  const Sight sight = sight_of(text_at(body, "picture"), text_at(body, "layer"),
                               network_of(text_at(body, "network"), call.studio));
  const std::string name = layer_of(text_at(body, "layer"), *sight.network).name;
  Image mask;
  const bool is_seen = call.studio.looker.see(sight, [&](const Looker::Seen& seen) {
    mask = heat_mask(seen, seen.index_of(name), channels);
  });
  if (!is_seen) return busy();
  const fs::path file =
      call.studio.store.folder() / "incoming" / ("mask-" + random_hex(8) + ".png");
  write_image(file, mask, {});
  std::string title = "mask of " + name + ".png";
  std::replace(title.begin(), title.end(), '/', '.');
  const Asset asset = keep_asset(file, title, call.studio);
  std::error_code ignored;
  fs::remove(file, ignored);
  return json_response(asset_json(asset), 201);
}

}  // namespace

std::vector<Route> point_routes() {
  return {
      {"POST", "/look", on_files, post_look,
       "`{picture: \"asset:ID\", at: [x, y], layers?, network?}` → `{layers: [{layer, channels: "
       "[{channel, value, url}...]}...]}`: the strongest channels there, at four depths; url is "
       "null "
       "where the atlas has no picture yet; 503 Busy when the engine has no time for ten seconds"},
      {"GET", "/look/heat", on_files, get_heat,
       "`?picture=&layer=&channel=&network=` → PNG, grey, where the channel answers, at the "
       "layer's "
       "resolution"},
      {"POST", "/look/mask", on_files, post_mask,
       "`{picture, layer, channels, network?}` → 201 ASSET: where they answer, as a mask", false,
       true},
  };
}

}  // namespace reverie::studio
