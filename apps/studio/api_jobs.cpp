// Jobs: ordering a dream, following it, stopping it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/pictures.h"
#include "apps/studio/requests.h"
#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/model/network.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

struct Expectation {
  std::int64_t width = 0, height = 0;
  double seconds = -1;
};

Expectation expectation(const JobRequest& request, Studio& studio) {
  std::int64_t width = 0, height = 0;
  if (request.source.rfind("asset:", 0) == 0) {
    if (const auto asset = studio.store.asset(request.source.substr(6)))
      width = asset->width, height = asset->height;
  } else if (const auto dream = studio.store.dream(request.source.substr(6))) {
    width = dream->width, height = dream->height;
  }
  Expectation expected;
  std::tie(expected.width, expected.height) = dreamed_size(request.spec.recipe, width, height);
  if (request.spec.kind == JobKind::image)
    expected.seconds = studio.speed.expected(request.spec.recipe, width, height);
  return expected;
}

Response estimate(const Call& call) {
  const JobRequest request = job_request(call.body(), call.studio.store);
  const Expectation expected = expectation(request, call.studio);
  return json_response(
      Json{{"seconds", expected.seconds}, {"width", expected.width}, {"height", expected.height}}
          .dump());
}

Response post_job(const Call& call) {
  JobRequest request = job_request(call.body(), call.studio.store);
  request.id = new_dream_id(now_ms());
  const Expectation expected = expectation(request, call.studio);
  return json_response(
      call.studio.queue.add(std::move(request), expected.seconds, expected.width, expected.height),
      202);
}

Response job_or_404(const std::optional<std::string>& job) {
  return job ? json_response(*job) : not_found("there is no such job");
}

Response get_jobs(const Call& call) { return json_response(call.studio.queue.list()); }
Response get_job(const Call& call) {
  return job_or_404(call.studio.queue.find(call.parts.at("id")));
}
Response delete_job(const Call& call) {
  return job_or_404(call.studio.queue.cancel(call.parts.at("id")));
}
Response keep_job(const Call& call) {
  return job_or_404(call.studio.queue.keep(call.parts.at("id")));
}

Response patch_job(const Call& call) {
  const Json body = call.body();
  const std::string id = call.parts.at("id");
  if (body.contains("paused") && body["paused"].is_boolean())
    return job_or_404(call.studio.queue.pause(id, body["paused"].get<bool>()));
  if (body.contains("before") && (body["before"].is_string() || body["before"].is_null()))
    return job_or_404(call.studio.queue.move_before(
        id, body["before"].is_null() ? "" : body["before"].get<std::string>()));
  throw BadRecipe("expected \"paused\": true or false, or \"before\": a job's id or null");
}

Response patch_jobs(const Call& call) {
  const Json body = call.body();
  if (!body.contains("paused") || !body["paused"].is_boolean())
    throw BadRecipe("expected \"paused\": true or false");
  call.studio.queue.pause_all(body["paused"].get<bool>());
  return json_response(call.studio.queue.list());
}

Response get_preview(const Call& call) {
  Response response;
  response.body = call.studio.queue.preview(call.parts.at("id"));
  if (response.body.empty()) return not_found("this job has shown nothing yet");
  response.type = picture_type(response.body);
  return response;
}

Response post_command(const Call& call) {
  const JobRequest request = job_request(call.body(), call.studio.store);
  return json_response(Json{{"command", command_line(request, call.studio.store)}}.dump());
}

// ---- Looks on the user's own picture

constexpr int look_side = 224;

Json look_tile(const std::string& source, const std::string& network, const Look& look,
               Studio& studio) {
  const std::string what = source + " " + network + " " + look.name;
  const std::string key =
      sha256({reinterpret_cast<const std::byte*>(what.data()), what.size()}).substr(0, 32);
  const bool ready = std::filesystem::exists(studio.store.thumb(key + ".jpg"));
  if (!ready && !studio.queue.find("look-" + key)) {
    JobRequest request;
    request.spec = job_of_kind(JobKind::image, {});
    request.spec.recipe.model = network;
    request.spec.recipe.layers = {parse_layer_spec(look.name)};
    request.spec.recipe.size = WantedSize{.longest = look_side};
    request.id = "look-" + key;
    request.look_key = key;
    request.name = look.name;
    request.source = source;
    request.what = JobClass::idle;
    studio.queue.add(std::move(request), -1, look_side, look_side);
  }
  return Json{{"look", look.name}, {"url", "/api/1/looks/" + key + ".jpg"}, {"ready", ready}};
}

Response post_looks(const Call& call) {
  const Json body = call.body();
  const std::string source = body.value("source", ""), name = body.value("network", "");
  if (!call.studio.store.referenced(source))
    throw BadRecipe(fmt::format("source: '{}' is no picture of the studio", source));
  Json tiles = Json::array();
  if (name.empty() || name == name_inside())
    for (const Look& look : call.studio.networks.find("")->network.looks)
      tiles.push_back(look_tile(source, "", look, call.studio));
  return json_response(Json{{"tiles", tiles}}.dump());
}

Response get_look(const Call& call) {
  const std::string& key = call.parts.at("key");
  const bool is_key = key.size() == 32 && key.find_first_not_of("0123456789abcdef") == key.npos;
  const auto file = call.studio.store.thumb(key + ".jpg");
  if (!is_key || !std::filesystem::exists(file)) return not_found("this look is not dreamed yet");
  return lasting_file(file, "image/jpeg");
}

}  // namespace

std::vector<Route> job_routes() {
  return {
      {"POST", "/estimate", at_once, estimate,
       "ORDER → `{seconds, width, height}` of the dream; seconds -1: not known yet"},
      {"POST", "/jobs", at_once, post_job,
       "ORDER → 202 JOB, which waits; 507 when the disk is full", false, true},
      {"GET", "/jobs", at_once, get_jobs,
       "`{jobs: [JOB...], paused}`: those at work and waiting, in the order of work"},
      {"PATCH", "/jobs", at_once, patch_jobs, "`{paused}`: nothing new begins → as GET"},
      {"GET", "/jobs/{id}", at_once, get_job, "JOB"},
      {"PATCH", "/jobs/{id}", at_once, patch_job,
       "`{paused}`, or `{before: id}` of the job that comes after it (null: last) → JOB"},
      {"DELETE", "/jobs/{id}", at_once, delete_job, "cancels, keeps nothing → JOB"},
      {"POST", "/jobs/{id}/keep", at_once, keep_job,
       "stops, keeps the last octave or the frames so far → JOB"},
      {"GET", "/jobs/{id}/preview", at_once, get_preview,
       "the canvas at work, JPEG, at most 1024 px"},
      {"POST", "/command", at_once, post_command, "ORDER → `{command}`, for a shell"},
      {"POST", "/looks", on_files, post_looks,
       "`{source, network?}` → `{tiles: [{look, url, ready}...]}`; each one that becomes ready is "
       "an event"},
      {"GET", "/looks/{key}.jpg", at_once, get_look, "a tile, JPEG"},
  };
}

}  // namespace reverie::studio
