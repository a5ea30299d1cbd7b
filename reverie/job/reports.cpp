#include "reverie/job/job.h"
#include "reverie/job/json_text.h"

namespace reverie {
namespace {

Json to_json(const ImageReport& report) {
  return Json{{"input", report.input},     {"output", report.output},
              {"width", report.width},     {"height", report.height},
              {"octaves", report.octaves}, {"objective", report.objective},
              {"seconds", report.seconds}, {"cancelled", report.cancelled}};
}

Json to_json(const VideoReport& report) {
  Json json{{"output", report.output}};
  if (!report.folder.empty()) json["folder"] = report.folder;
  json["frames"] = report.frames;
  json["resumed"] = report.resumed;
  if (report.fps > 0) {
    json["width"] = report.width;
    json["height"] = report.height;
    json["fps"] = report.fps;
  } else {
    json["scenes"] = report.scenes;
    json["skipped_packets"] = report.skipped_packets;
  }
  json["seconds"] = report.seconds;
  json["cancelled"] = report.cancelled;
  if (report.measured > 0) {
    json["flicker"] = report.flicker;
    json["source_flicker"] = report.source_flicker;
  }
  return json;
}

// The channels by number, or with their responses.
Json channels_of(const SheetReport& report) {
  Json list = Json::array();
  for (const auto& [channel, response] : report.channels)
    list.push_back(response ? Json{{"channel", channel}, {"answer", *response}} : Json(channel));
  return list;
}

Json to_json(const SheetReport& report) {
  const bool is_atlas = !report.layer.empty();
  const bool is_ranked = is_atlas && !report.channels.empty() && report.channels[0].second;
  Json json = Json::object();
  if (is_atlas) {
    json["model"] = report.model;
    json["layer"] = report.layer;
    json[is_ranked ? "top" : "channels"] = channels_of(report);
  } else {
    json["input"] = report.input;
  }
  if (report.output.empty()) return json;
  json["output"] = report.output;
  json["width"] = report.width;
  json["height"] = report.height;
  if (is_atlas) return json;
  json["cells"] = report.cells;
  json["finished"] = report.finished;
  return json;
}

}  // namespace

std::string report_to_json(const ImageReport& report) { return json_text(to_json(report)); }
std::string report_to_json(const VideoReport& report) { return json_text(to_json(report)); }
std::string report_to_json(const SheetReport& report) { return json_text(to_json(report)); }

std::string result_to_json(const JobResult& result) {
  Json json = Json::object();
  const auto add = [&](const char* key, const auto& reports) {
    if (reports.empty()) return;
    for (const auto& report : reports) json[key].push_back(to_json(report));
  };
  json["dreams"] = Json::array();
  add("dreams", result.images);
  add("videos", result.videos);
  add("sheets", result.sheets);
  json["failures"] = Json::array();
  for (const JobFailure& failure : result.failures)
    json["failures"].push_back(Json{{"input", failure.input}, {"error", failure.error}});
  return json_text(json);
}

}  // namespace reverie
