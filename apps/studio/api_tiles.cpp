// Tiles of large dreams.
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/tiles.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

Response get_tiles(const Call& call) {
  const auto dream = called_dream(call);
  if (!dream) return not_found("there is no such dream");
  const auto pyramid = call.studio.tiles.pyramid(*dream);
  if (!pyramid) return not_found("this dream has no tiles; its view shows all of it");
  return json_response(Json{
      {"width", pyramid->width},
      {"height", pyramid->height},
      {"tile", pyramid->tile},
      {"levels",
       pyramid->levels}}.dump());
}

Response get_tile(const Call& call) {
  const auto dream = called_dream(call);
  const std::string& place = call.parts.at("place");
  const std::size_t bar = place.find('_');
  if (!dream || bar == std::string::npos) return not_found("there is no such tile");
  const auto level = whole_number(call.parts.at("level")), x = whole_number(place.substr(0, bar)),
             y = whole_number(place.substr(bar + 1));
  const auto file = level && x && y ? call.studio.tiles.tile(*dream, *level, *x, *y) : std::nullopt;
  if (!file) return not_found("there is no such tile");
  return smaller_picture_file(*file);
}

}  // namespace

std::vector<Route> tile_routes() {
  return {
      {"GET", "/dreams/{id}/tiles", on_files, get_tiles,
       "`{width, height, tile: 512, levels}` of a picture above 2048 px, 404 for others; levels 0: "
       "not yet, ask again"},
      {"GET", "/dreams/{id}/tile/{level}/{place}", at_once, get_tile,
       "the tile at `X_Y`, JPEG; level 0 is the smallest picture; PNG where transparent"},
  };
}

}  // namespace reverie::studio
