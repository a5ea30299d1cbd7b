// Dreams: the history, their files, what is said of them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "apps/studio/pictures.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

Response no_dream() { return not_found("there is no such dream"); }

Response get_dreams(const Call& call) {
  const Request& request = call.request;
  DreamQuery query;
  query.before = request.argument("before");
  query.star = request.argument("star") == "1";
  query.bin = request.argument("bin") == "1";
  query.kind = request.argument("kind");
  query.layer = request.argument("layer");
  query.text = request.argument("q");
  query.limit = number_argument(call, "limit", 60, 1, 500);
  const DreamPage page = call.studio.store.dreams(query);
  return json_response(fmt::format(R"({{"dreams":{},"next":{},"total":{}}})",
                                   dreams_json(page.dreams),
                                   page.next.empty() ? "null" : '"' + page.next + '"', page.total));
}

Response get_dream(const Call& call) {
  const auto dream = called_dream(call);
  return dream ? json_response(dream_json(*dream)) : no_dream();
}

Response get_document(const Call& call) {
  const auto dream = called_dream(call);
  return dream ? json_response(dream->document.empty() ? "{}" : dream->document) : no_dream();
}

Response get_path(const Call& call) {
  return json_response(
      "{\"path\":" + dreams_json(call.studio.store.ancestors(call.parts.at("id"))) + "}");
}

Response get_children(const Call& call) {
  return json_response(
      "{\"dreams\":" + dreams_json(call.studio.store.children(call.parts.at("id"))) + "}");
}

Response get_tree(const Call& call) {
  return json_response(
      "{\"dreams\":" + dreams_json(call.studio.store.whole_tree(call.parts.at("id"))) + "}");
}

Response changed(const Dream& dream, const Call& call) {
  call.studio.store.update_dream(dream);
  const std::string json = dream_json(dream);
  call.studio.events.publish("dream", json);
  return json_response(json);
}

Response patch_dream(const Call& call) {
  auto dream = called_dream(call);
  if (!dream) return no_dream();
  const Json body = call.body();
  for (const auto& [key, value] : body.items()) {
    if (key == "star" && value.is_boolean())
      dream->star = value.get<bool>();
    else if (key == "name" && value.is_string())
      dream->name = value.get<std::string>().substr(0, 200);
    else if (key == "note" && value.is_string())
      dream->note = value.get<std::string>().substr(0, 10000);
    else
      throw BadRecipe(
          fmt::format("'{}' is not what a dream can be given: expected star (true or false), name, "
                      "note (texts)",
                      key));
  }
  return changed(*dream, call);
}

Response delete_dream(const Call& call) {
  auto dream = called_dream(call);
  if (!dream) return no_dream();
  dream->deleted = now_ms();
  return changed(*dream, call);
}

Response restore_dream(const Call& call) {
  auto dream = called_dream(call);
  if (!dream) return no_dream();
  dream->deleted = 0;
  return changed(*dream, call);
}

Response empty_bin(const Call& call) {
  const int gone = call.studio.store.empty_bin(now_ms());
  call.studio.room.count();
  call.studio.events.publish("resync", "{}");
  return json_response(fmt::format("{{\"deleted\":{}}}", gone));
}

// ---- Files

Response get_file(const Call& call) {
  const auto dream = called_dream(call);
  if (!dream) return no_dream();
  const fs::path file = call.studio.store.path_of(*dream);
  return lasting_file(file, media_type(file));
}

Response smaller(const Call& call, const std::string& which) {
  const auto dream = called_dream(call);
  if (!dream) return no_dream();
  const fs::path file = smaller_picture(call.studio.store, dream->id, which,
                                        call.studio.store.path_of(*dream), dream->kind);
  return smaller_picture_file(file);
}

Response get_thumb(const Call& call) {
  return smaller(call, fmt::format("h{}", thumb_height(number_argument(call, "h", 200, 1, 4096))));
}

Response get_view(const Call& call) { return smaller(call, "view"); }

// The name of the file that a browser saves: letters of every language stay.
std::string attachment(const std::string& name, const std::string& extension) {
  std::string encoded;
  for (const char letter : name + ".dream." + extension) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(letter)) || letter == '.' ||
                          letter == '-' || letter == '_';
    encoded += is_plain ? std::string(1, letter)
                        : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return "attachment; filename*=UTF-8''" + encoded;
}

Response export_dream(const Call& call) {
  const auto dream = called_dream(call);
  if (!dream) return no_dream();
  const Json body = call.body();
  const fs::path file = call.studio.store.path_of(*dream);
  const std::string name = dream->name.empty() ? "dream" : dream->name;
  if (dream->kind == "zoom" || dream->kind == "video") {
    Response response = lasting_file(file, media_type(file));
    response.headers.emplace_back("Content-Disposition", attachment(name, "mp4"));
    return response;
  }
  ImageOptions options;
  options.format = body.value("format", "png");
  options.bits = body.value("bits", 8);
  options.quality = body.value("quality", 95);
  if (body.value("recipe", true)) options.recipe = dream->document;
  Response response;
  const std::string extension = options.format;
  response.body = encode_image(read_image(file), options, {}, "the picture." + extension);
  response.type = media_type("x." + extension);
  response.headers.emplace_back("Content-Disposition", attachment(name, extension));
  return response;
}

// ---- What differs

Response get_diff(const Call& call) {
  const auto a = called_dream(call, "a"), b = called_dream(call, "b");
  if (!a || !b) return no_dream();
  const Json left = Json::parse(a->document, nullptr, false),
             right = Json::parse(b->document, nullptr, false);
  Json settings = Json::array();
  if (left.is_object() && right.is_object())
    for (const auto& [key, value] : left["recipe"].items())
      if (!right["recipe"].contains(key) || right["recipe"][key] != value)
        settings.push_back({{"name", key},
                            {"a", value},
                            {"b", right["recipe"].contains(key) ? right["recipe"][key] : Json()}});
  return json_response(Json{{"settings", settings},
                            {"source", a->source != b->source},
                            {"network", a->network != b->network}}
                           .dump());
}

}  // namespace

std::vector<Route> dream_routes() {
  return {
      {"GET", "/dreams", at_once, get_dreams,
       "`?before=ID&star=1&kind=image&layer=4c&q=text&limit=60&bin=1` → `{dreams: [DREAM...], "
       "next, total}`, "
       "newest first"},
      {"GET", "/dreams/{id}", at_once, get_dream, "DREAM"},
      {"GET", "/dreams/{id}/document", at_once, get_document,
       "the document in its metadata: recipe, network, source"},
      {"GET", "/dreams/{id}/path", at_once, get_path,
       "`{path: [DREAM...]}`, from the first one to it"},
      {"GET", "/dreams/{id}/children", at_once, get_children, "`{dreams: [DREAM...]}`"},
      {"GET", "/dreams/{id}/tree", at_once, get_tree,
       "`{dreams: [DREAM...]}`: all that began with the same one, oldest first"},
      {"PATCH", "/dreams/{id}", at_once, patch_dream, "`{star, name, note}` → DREAM"},
      {"DELETE", "/dreams/{id}", at_once, delete_dream, "into the bin → DREAM"},
      {"POST", "/dreams/{id}/restore", at_once, restore_dream, "out of the bin → DREAM"},
      {"DELETE", "/bin", on_files, empty_bin, "deletes what is in the bin → `{deleted}`"},
      {"GET", "/dreams/{id}/file", at_once, get_file, "the file itself; films by ranges of bytes"},
      {"GET", "/dreams/{id}/thumb", on_files, get_thumb, "`?h=200` → JPEG at most so high"},
      {"GET", "/dreams/{id}/view", on_files, get_view,
       "JPEG at most 2048 px; PNG where transparent"},
      {"POST", "/dreams/{id}/export", on_files, export_dream,
       "`{format, bits, quality, recipe}` → the bytes, to be saved"},
      {"GET", "/diff/{a}/{b}", at_once, get_diff,
       "`{settings: [{name, a, b}...], source, network}`: what differs"},
  };
}

}  // namespace reverie::studio
