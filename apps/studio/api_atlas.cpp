// The atlas: pictures of what each channel of a layer looks for.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/atlas.h"
#include "reverie/base/error.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto on_files = Reception::Where::files;

struct Named {
  std::shared_ptr<const Opened> network;
  const ListedLayer* layer = nullptr;  // of it; nullptr: there is no such network or layer
};

Named named_by(const Call& call) {
  Named named;
  named.network = call.studio.networks.find(call.parts.at("network"));
  if (named.network) named.layer = named.network->layer(call.parts.at("layer"));
  return named;
}

Response no_layer() { return not_found("there is no such layer, or its network is not here"); }

Response layer_response(const Named& named, const Call& call) {
  return json_response(Json{{"layer", named.layer->name},
                            {"channels", named.layer->channels},
                            {"ready", call.studio.atlas.ready(*named.network, *named.layer)}}
                           .dump());
}

Response get_layer(const Call& call) {
  const Named named = named_by(call);
  if (named.layer == nullptr) return no_layer();
  call.studio.atlas.ask(named.network, *named.layer, {});
  return layer_response(named, call);
}

Response post_layer(const Call& call) {
  const Named named = named_by(call);
  if (named.layer == nullptr) return no_layer();
  const Json body = call.body();
  const auto asked = body.find("channels");
  const bool is_list = asked != body.end() && asked->is_array() &&
                       std::all_of(asked->begin(), asked->end(),
                                   [](const Json& one) { return one.is_number_integer(); });
  if (!is_list) throw BadRecipe("channels: expected a list of numbers");
  std::vector<int> channels;
  for (const Json& one : *asked) {
    const int channel =
        static_cast<int>(std::clamp<std::int64_t>(one.get<std::int64_t>(), -1, 1 << 30));
    if (std::find(channels.begin(), channels.end(), channel) == channels.end())
      channels.push_back(channel);
  }
  call.studio.atlas.ask(named.network, *named.layer, channels);
  return layer_response(named, call);
}

Response get_picture(const Call& call) {
  const Named named = named_by(call);
  if (named.layer == nullptr) return no_layer();
  const auto channel = whole_number(call.parts.at("channel"));
  Response response;
  auto picture = channel && *channel < named.layer->channels
                     ? call.studio.atlas.picture(*named.network, named.layer->name, *channel)
                     : std::nullopt;
  if (!picture) return not_found("there is no picture of this channel yet");
  response.body = std::move(*picture);
  response.type = "image/jpeg";
  response.headers.emplace_back("Cache-Control", "private, max-age=86400");
  return response;
}

}  // namespace

std::vector<Route> atlas_routes() {
  return {
      {"GET", "/atlas/{network}/{layer}", on_files, get_layer,
       "`{layer, channels, ready: [0, 1, 5]}`; '/' in the layer's name is written '.'; while "
       "nothing "
       "else is to be done, the others are made, an event each, for a minute after the last "
       "request"},
      {"POST", "/atlas/{network}/{layer}", on_files, post_layer,
       "`{channels: [3, 7]}` asks for these first → as GET"},
      {"GET", "/atlas/{network}/{layer}/{channel}.jpg", on_files, get_picture,
       "what the channel looks for, JPEG; 404 until it is made"},
  };
}

}  // namespace reverie::studio
