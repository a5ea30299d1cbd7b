// api.h: the requests that the studio answers, as one table, from which docs/studio-api.md is made.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/studio/atlas.h"
#include "apps/studio/engine.h"
#include "apps/studio/events.h"
#include "apps/studio/gate.h"
#include "apps/studio/http.h"
#include "apps/studio/opened.h"
#include "apps/studio/point.h"
#include "apps/studio/queue.h"
#include "apps/studio/room.h"
#include "apps/studio/store.h"
#include "apps/studio/tiles.h"

namespace reverie::studio {

// The studio's parts, for the functions that answer.
struct Studio {
  Store& store;
  Queue& queue;
  EventLog& events;
  Speed& speed;
  Gate& gate;
  OpenedNetworks& networks;
  Looker& looker;
  AtlasMaker& atlas;
  TileMaker& tiles;
  Room& room;
  bool may_fetch = true;
};

// One request with the parts of its path that the pattern leaves open.
struct Call {
  Studio& studio;
  const Request& request;
  std::map<std::string, std::string> parts;

  // Its body. Errors: BadRecipe when it is not a JSON object.
  nlohmann::ordered_json body() const;
};

struct Route {
  const char* method;
  const char* pattern;  // "/dreams/{id}/thumb"
  Reception::Where where;
  Response (*answer)(const Call& call);
  const char* help;  // for docs/studio-api.md
  bool takes_upload = false;
  bool needs_room = false;  // it keeps something: refused when the disk or the folder is full
};

// All of them; a file for each resource adds its own.
const std::vector<Route>& routes();
std::vector<Route> asset_routes();
std::vector<Route> atlas_routes();
std::vector<Route> dream_routes();
std::vector<Route> job_routes();
std::vector<Route> network_routes();
std::vector<Route> page_routes();
std::vector<Route> point_routes();
std::vector<Route> tile_routes();

// Takes a file, which moves, into the store as what it is. Events: the new asset. Errors: BadImage,
// BadRecipe with the loader's own words.
Asset keep_asset(const std::filesystem::path& file, const std::string& name, Studio& studio);

// How a request is received: the gate first, then the table, or a file of the page.
Reception receive(Studio& studio, const Request& request);

// The table as Markdown.
std::string api_markdown();

// The dream that a part of the path names; nothing where there is none.
std::optional<Dream> called_dream(const Call& call, const char* part = "id");

// A number that the query gives, within bounds; `fallback` where it gives none.
int number_argument(const Call& call, const char* name, int fallback, int low, int high);

Response json_response(std::string body, int status = 200);
Response not_found(const std::string& what);

// A file whose content never changes, as its URL holds what it depends on.
Response lasting_file(const std::filesystem::path& file, const std::string& type);

// The same for one of the store's smaller pictures, JPEG or PNG.
Response smaller_picture_file(const std::filesystem::path& file);

// A file of the page by its path, "/" for the first; status 404 where there is none.
Response page_file(const Request& request);

}  // namespace reverie::studio
