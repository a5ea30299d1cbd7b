// What the page needs for itself: its key, its state, the settings, the events.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "reverie/base/error.h"
#include "reverie/base/version.h"
#include "reverie/recipe/settings_json.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;

constexpr std::size_t most_state = std::size_t{64} << 10;

Response post_session(const Call& call) {
  return json_response(Json{{"prefix", call.studio.gate.new_prefix()}}.dump());
}

Response get_settings(const Call&) {
  static const std::string text = [] {
    Json settings = Json::parse(settings_json(-1));
    settings["version"] = version();
    return settings.dump();
  }();
  Response response = json_response(text);
  response.headers.emplace_back("ETag", std::string("\"") + version() + "\"");
  return response;
}

Json state_of(Store& store) {
  Json state = Json::parse(store.remembered("state"), nullptr, false);
  return state.is_object() ? state : Json::object();
}

Response get_state(const Call& call) { return json_response(state_of(call.studio.store).dump()); }

Response patch_state(const Call& call) {
  Json state = state_of(call.studio.store);
  const Json body = call.body();
  for (const auto& [key, value] : body.items())
    if (value.is_null())
      state.erase(key);
    else
      state[key] = value;
  const std::string text = state.dump();
  if (text.size() > most_state)
    return error_response(413, "TooLarge", "the state is larger than 64 kB");
  call.studio.store.remember("state", text);
  call.studio.events.publish("state", text);
  return json_response(text);
}

// Browsers send the last number that they saw when they connect again.
Response get_events(const Call& call) {
  std::string after = call.request.header("last-event-id");
  if (after.empty()) after = call.request.argument("after");
  std::int64_t number = call.studio.events.last();
  std::from_chars(after.data(), after.data() + after.size(), number);
  Response response;
  response.type = "text/event-stream";
  response.events_after = std::max<std::int64_t>(number, 0);
  return response;
}

}  // namespace

std::vector<Route> page_routes() {
  return {
      {"POST", "/session", at_once, post_session,
       "`{prefix}`: `GET PREFIX/api/1/...` needs no header, for pictures, films and events"},
      {"GET", "/settings", at_once, get_settings,
       "every setting, as `reverie options --json`, and `version`"},
      {"GET", "/state", at_once, get_state, "an object of the page's own: what is open, the draft"},
      {"PATCH", "/state", at_once, patch_state,
       "members to set (null: to delete) → the whole state, which is an event for the others"},
      {"GET", "/events", at_once, get_events,
       "server-sent events: `job` JOB, `preview`, `dream` DREAM, `asset` ASSET, `look`, `atlas`, "
       "`network` "
       "NETWORK, "
       "`state`, `resync` (some were lost: read all again), `bye`; `?after=N` or `Last-Event-ID` "
       "goes on"},
  };
}

}  // namespace reverie::studio
