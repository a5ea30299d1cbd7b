#include "apps/studio/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/studio/ids.h"
#include "apps/studio/pictures.h"
#include "reverie/base/error.h"
#include "reverie/job/job_spec.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* base = "/api/1";

// ---- docs/studio-api.md, around the table

constexpr const char* api_introduction =
    R"(# The studio's interface

`reverie serve` answers these requests below `/api/1`; its own page uses nothing else. Made from the program's own table by
`reverie-studio --api`.

JSON in and out. Dreams, and the jobs that make them, have ids of 26 letters and digits in the order of time; what was brought has the
SHA-256 of its bytes. Every request carries `Authorization: Reverie KEY`, the key of the printed address, or begins with the prefix that
`POST /session` gives, which only reads. An error is `{"error": {"kind", "message"}}` with the library's own sentence: 400 what was asked is
wrong, 403 not without the key, 404 and 405 there is no such thing, 413 too large, 429 too much at once, 507 no space or memory.
)";

constexpr const char* api_forms = R"(
## Forms

**ORDER** `{"kind", "source", "parent", "basis", "name", "recipe", "chosen", "zoom", "video", "sweep", "class", "output"}`: `kind` is `image`,
`zoom`, `video` or `sweep`; `source` is `"asset:ID"` or `"dream:ID"`, and so is every file that a recipe names; `parent` is the dream that it
came from, `basis` whether that one's picture is used `again` or the dream is gone on with (`go_on`). `recipe`, `chosen`, `zoom`, `video` and
`sweep` are those of [a job](formats/job.md); `output` has `format`, `bits`, `quality`, `codec`. `class` `draft`: shown, not kept; a newer one
replaces it.

**JOB** `{"id", "kind", "class", "name", "state", "parent", "source", "made", "seconds", "unit", "octave", "octaves", "iteration", "iterations", "done",
"total", "fraction", "seconds_left", "preview", "width", "height", "messages", "error"}`: `state` is `waiting`, `running`, `paused`, `cancelling`, `done`,
`kept`, `cancelled` or `failed`; `seconds` is what it is expected to take, -1 where that is not known; times are in ms since 1970.

**DREAM** `{"id", "parent", "basis", "kind", "made", "name", "star", "note", "source", "source_name", "network", "layers", "width", "height", "frames",
"seconds", "file", "bytes", "deleted", "lost", "changes"}`: `changes` are the settings that differ from the defaults, `deleted` is when it went to the
bin, `lost` says that its file is gone.

**ASSET** `{"id", "kind", "name", "width", "height", "bytes", "dream"}`: `kind` is `image`, `video` or `recipe`; `dream`: it carries a recipe.

**NETWORK** `{"name", "title", "licence", "state", "bytes", "default_layer", "good_layers", "looks", "layers"}`: `state` is `inside`, `here` or `missing`;
`good_layers` go from fine to deep; a look has a `name`, a `description`, `layers` and `settings`.
)";

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < path.size()) {
    std::size_t end = path.find('/', begin);
    if (end == std::string::npos) end = path.size();
    if (end > begin) parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Whether a path has the pattern's form; notes what stands for {name}, also in "{name}.jpg".
bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
             std::map<std::string, std::string>& parts) {
  if (pattern.size() != path.size()) return false;
  parts.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& form = pattern[i];
    if (form.front() != '{') {
      if (form != path[i]) return false;
      continue;
    }
    const std::size_t close = form.find('}');
    const std::string tail = form.substr(close + 1);
    if (path[i].size() <= tail.size() ||
        path[i].compare(path[i].size() - tail.size(), tail.size(), tail) != 0)
      return false;
    parts[form.substr(1, close - 1)] = path[i].substr(0, path[i].size() - tail.size());
  }
  return true;
}

struct Found {
  const Route* route = nullptr;
  std::map<std::string, std::string> parts;
  bool path_is_known = false;
};

Found find_route(const std::string& method, const std::string& path) {
  struct Row {
    std::vector<std::string> pattern;
    const Route* route;
  };
  static const std::vector<Row> rows = [] {
    std::vector<Row> all;
    for (const Route& route : routes()) all.push_back({split(route.pattern), &route});
    return all;
  }();
  Found found;
  const std::vector<std::string> parts = split(path);
  for (const Row& row : rows) {
    std::map<std::string, std::string> open;
    if (!matches(row.pattern, parts, open)) continue;
    found.path_is_known = true;
    if (row.route->method != (method == "HEAD" ? "GET" : method)) continue;
    found.route = row.route;
    found.parts = std::move(open);
    return found;
  }
  return found;
}

// An exception of the library as an answer, in its own words.
Response answered(const Route& route, const Call& call) {
  try {
    return route.answer(call);
  } catch (const BadRecipe& error) {
    return error_response(400, "BadRecipe", error.what());
  } catch (const BadJob& error) {
    return error_response(400, "BadJob", error.what());
  } catch (const BadImage& error) {
    return error_response(400, "BadImage", error.what());
  } catch (const BadShape& error) {
    return error_response(400, "BadShape", error.what());
  } catch (const BadModel& error) {
    return error_response(400, "BadModel", error.what());
  } catch (const FileFailure& error) {
    return error_response(500, "FileFailure", error.what());
  } catch (const std::bad_alloc&) {
    return error_response(507, "OutOfMemory", "out of memory");
  } catch (const std::exception& error) {
    return error_response(500, "Error", error.what());
  }
}

Response safe(Response response) {
  add_safety_headers(response);
  return response;
}

Reception refused(Response response) {
  return {Reception::Where::refused, false, safe(std::move(response)), {}};
}

// Forms and plain text are what a foreign page could send without asking first.
bool has_good_type(const Request& request, bool takes_upload) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "DELETE")
    return true;
  const std::string type = request.header("content-type");
  if (takes_upload)
    return type.rfind("multipart/", 0) != 0 && type.rfind("application/x-www-form", 0) != 0;
  return type.rfind("application/json", 0) == 0;
}

// Of the body, as its head says; 0: not said.
std::uintmax_t length_of(const Request& request) {
  const std::string text = request.header("content-length");
  std::uintmax_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> table;
    for (const auto& add : {page_routes, asset_routes, job_routes, dream_routes, network_routes,
                            point_routes, atlas_routes, tile_routes}) {
      const std::vector<Route> part = add();
      table.insert(table.end(), part.begin(), part.end());
    }
    return table;
  }();
  return all;
}

Reception receive(Studio& studio, const Request& received) {
  Request request = received;
  if (auto refusal = studio.gate.refusal(request)) return refused(std::move(*refusal));
  if (request.path.rfind("/api/", 0) != 0) return refused(page_file(request));
  if (request.path.rfind(std::string(base) + "/", 0) != 0)
    return refused(error_response(404, "NotFound", "this studio speaks version 1: /api/1/"));
  const Found found = find_route(request.method, request.path.substr(std::string(base).size()));
  if (found.route == nullptr)
    return refused(found.path_is_known
                       ? error_response(405, "BadMethod", "not with this method")
                       : error_response(404, "NotFound", "there is nothing of this name"));
  if (!has_good_type(request, found.route->takes_upload))
    return refused(error_response(400, "BadType", "expected Content-Type application/json"));
  if (found.route->needs_room)
    if (const std::string why = studio.room.refusal(length_of(request)); !why.empty())
      return refused(error_response(507, "Full", why));
  const Route* route = found.route;
  return {route->where,
          route->takes_upload,
          {},
          [&studio, route, parts = found.parts](const Request& whole) {
            return safe(answered(*route, Call{studio, whole, parts}));
          }};
}

Json Call::body() const {
  if (request.body.empty()) return Json::object();
  Json tree = Json::parse(request.body, nullptr, false);
  if (!tree.is_object()) throw BadRecipe("the request's body is no JSON object");
  return tree;
}

std::optional<Dream> called_dream(const Call& call, const char* part) {
  const std::string& id = call.parts.at(part);
  return is_dream_id(id) ? call.studio.store.dream(id) : std::nullopt;
}

int number_argument(const Call& call, const char* name, int fallback, int low, int high) {
  const std::string text = call.request.argument(name);
  int value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(value, low, high);
}

Response json_response(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response not_found(const std::string& what) { return error_response(404, "NotFound", what); }

Response lasting_file(const std::filesystem::path& file, const std::string& type) {
  Response response;
  response.type = type;
  response.file = file;
  response.headers.emplace_back("Cache-Control", "private, max-age=31536000, immutable");
  return response;
}

Response smaller_picture_file(const std::filesystem::path& file) {
  std::string head(4, '\0');
  std::ifstream(file, std::ios::binary).read(head.data(), 4);
  return lasting_file(file, picture_type(head));
}

std::string api_markdown() {
  std::string text = api_introduction;
  text += "\n| Request | Answer |\n|---|---|\n";
  for (const Route& route : routes())
    text += fmt::format("| `{} {}` | {} |\n", route.method, route.pattern, route.help);
  return text + api_forms;
}

}  // namespace reverie::studio
