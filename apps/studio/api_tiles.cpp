// Tiles of large dreams.
#include <charconv>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/tiles.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

std::optional<Dream> dream_of(const Call& call) {
  const std::string& id = call.parts.at("id");
  return is_dream_id(id) ? call.studio.store.dream(id) : std::nullopt;
}

Response get_tiles(const Call& call) {
  const auto dream = dream_of(call);
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

// A number of at most six digits, without a sign; -1: it is none.
int number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && text.size() <= 6 && value >= 0 ? value : -1;
}

Response get_tile(const Call& call) {
  const auto dream = dream_of(call);
  const std::string& place = call.parts.at("place");
  const std::size_t bar = place.find('_');
  if (!dream || bar == std::string::npos) return not_found("there is no such tile");
  const int level = number(call.parts.at("level")), x = number(place.substr(0, bar)),
            y = number(place.substr(bar + 1));
  const auto file =
      level < 0 || x < 0 || y < 0 ? std::nullopt : call.studio.tiles.tile(*dream, level, x, y);
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
