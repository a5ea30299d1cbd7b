// Assets: what people bring. Every upload is read by the library's own loaders before it counts.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "apps/studio/pictures.h"
#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

// Percent-encoded UTF-8, as encodeURIComponent writes it.
std::string decoded(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (text[i] != '%' || high < 0 || low < 0) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

// The media type by which a browser may show the bytes; by the first of them, not by what was said.
std::string type_of(std::string_view head) {
  const auto begins = [&](std::string_view magic, std::size_t at = 0) {
    return head.size() >= at + magic.size() && head.substr(at, magic.size()) == magic;
  };
  if (begins("\x89PNG")) return "image/png";
  if (begins("\xff\xd8\xff")) return "image/jpeg";
  if (begins("GIF8")) return "image/gif";
  if (begins("RIFF") && begins("WEBP", 8)) return "image/webp";
  if (begins("ftypavif", 4)) return "image/avif";
  if (begins("\x1a\x45\xdf\xa3")) return "video/webm";
  if (begins("ftyp", 4) && !begins("ftyphei", 4) && !begins("ftypmif", 4)) return "video/mp4";
  return "application/octet-stream";
}

bool carries_recipe(const fs::path& file, bool is_video) {
  try {
    return !(is_video ? read_video_recipe(file) : read_image_recipe(file)).empty();
  } catch (const Error&) {
    return false;
  }
}

// Fills in what the file is, and makes its smaller pictures. Errors: BadImage with the loader's
// words.
void recognize(Asset& asset, const fs::path& file, std::string_view bytes, Store& store) {
  asset.type = type_of(bytes.substr(0, 64));
  if (!bytes.empty() && bytes.front() == '{') {
    recipe_from_json(bytes.substr(0, std::size_t{1} << 20), asset.name);
    asset.kind = "recipe";
    asset.type = "application/json";
    return;
  }
  Image picture;
  if (asset.type.rfind("video/", 0) == 0 || is_named_as_video(asset.name)) {
    VideoReader video(file);
    asset.kind = "video";
    if (!video.next(picture)) throw BadImage(fmt::format("'{}' has no frame", asset.name));
  } else {
    ReadOptions options;
    options.max_pixels = most_pixels;
    picture = decode_image(std::string(bytes), asset.name, {}, options);
    asset.kind = "image";
  }
  asset.width = picture.width();
  asset.height = picture.height();
  asset.dream = carries_recipe(file, asset.kind == "video");
  make_smaller_pictures(store, asset.id, picture);
}

}  // namespace

Asset keep_asset(const fs::path& file, const std::string& name, Studio& studio) {
  const MappedFile mapped(file);
  const std::string_view bytes(reinterpret_cast<const char*>(mapped.bytes().data()),
                               mapped.bytes().size());
  Asset asset;
  asset.id = sha256(mapped.bytes());
  if (const auto there = studio.store.asset(asset.id)) return *there;
  asset.name = name.empty() ? "picture" : name;
  asset.bytes = static_cast<std::int64_t>(bytes.size());
  recognize(asset, file, bytes, studio.store);
  asset = studio.store.add_asset(file, asset);
  studio.events.publish("asset", asset_json(asset));
  return asset;
}

namespace {

Response post_asset(const Call& call) {
  const std::string name = decoded(call.request.header("x-name"));
  return json_response(asset_json(keep_asset(call.request.upload, name, call.studio)), 201);
}

std::optional<Asset> asset_of(const Call& call) {
  const std::string& id = call.parts.at("id");
  return is_asset_id(id) ? call.studio.store.asset(id) : std::nullopt;
}

Response no_asset() { return not_found("there is no such picture"); }

Response get_asset(const Call& call) {
  const auto asset = asset_of(call);
  if (!asset) return no_asset();
  Response response = lasting_file(call.studio.store.path_of(*asset), asset->type);
  if (asset->type == "application/octet-stream")
    response.headers.emplace_back("Content-Disposition", "attachment");
  return response;
}

Response get_info(const Call& call) {
  const auto asset = asset_of(call);
  return asset ? json_response(asset_json(*asset)) : no_asset();
}

// The history of a picture.
Response get_tree(const Call& call) {
  return json_response(
      "{\"dreams\":" +
      dreams_json(call.studio.store.tree_of_source("asset:" + call.parts.at("id"))) + "}");
}

Response smaller(const Call& call, const std::string& which) {
  const auto asset = asset_of(call);
  if (!asset || asset->kind == "recipe") return no_asset();
  return smaller_picture_file(smaller_picture(call.studio.store, asset->id, which,
                                              call.studio.store.path_of(*asset), asset->kind));
}

Response get_thumb(const Call& call) {
  return smaller(call, fmt::format("h{}", thumb_height(number_argument(call, "h", 200, 1, 4096))));
}

Response get_view(const Call& call) { return smaller(call, "view"); }

// The sky that Reverie renders itself, for those who have no picture at hand.
Response get_sky(const Call& call) {
  constexpr std::int64_t width = 1024, height = 576;
  constexpr std::uint64_t seed = 7;
  const fs::path file = call.studio.store.folder() / "incoming" / ("sky-" + random_hex(8) + ".png");
  write_image(file, cloudscape(width, height, seed), {});
  const Asset asset = keep_asset(file, "sky.png", call.studio);
  std::error_code ignored;
  fs::remove(file, ignored);
  return json_response(asset_json(asset));
}

// ---- The recipe that a file carries

Response recipe_response(const std::string& text, const std::string& origin) {
  if (text.empty()) throw BadRecipe(fmt::format("{}: carries no recipe", origin));
  Json answer;
  if (is_document(text, origin)) {
    const DreamDocument document = document_from_json(text, origin);
    answer["document"] = Json::parse(document_to_json(document, -1));
    answer["recipe"] = answer["document"]["recipe"];
  } else {
    answer["document"] = Json();
    answer["recipe"] = Json::parse(text);
  }
  return json_response(answer.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Response post_recipe(const Call& call) {
  const Json body = call.body();
  if (body.contains("text") && body["text"].is_string())
    return recipe_response(body["text"].get<std::string>(), "the text");
  const std::string id = body.value("asset", "");
  const auto asset = is_asset_id(id) ? call.studio.store.asset(id) : std::nullopt;
  if (!asset) throw BadRecipe("expected \"asset\": the id of a file, or \"text\": a recipe");
  const fs::path file = call.studio.store.path_of(*asset);
  if (asset->kind == "recipe") {
    const MappedFile bytes(file);
    return recipe_response(
        {reinterpret_cast<const char*>(bytes.bytes().data()), bytes.bytes().size()}, asset->name);
  }
  return recipe_response(asset->kind == "video" ? read_video_recipe(file) : read_image_recipe(file),
                         asset->name);
}

}  // namespace

std::vector<Route> asset_routes() {
  return {
      {"POST", "/assets", on_files, post_asset,
       "the bytes of a picture, a film or a recipe, header `X-Name` (percent-encoded) → 201 ASSET; "
       "the same "
       "bytes are one asset",
       true, true},
      {"GET", "/assets/{id}", at_once, get_asset, "the bytes"},
      {"GET", "/assets/{id}/info", at_once, get_info, "ASSET"},
      {"GET", "/assets/{id}/tree", at_once, get_tree,
       "`{dreams: [DREAM...]}`: all that began with it, oldest first"},
      {"GET", "/assets/{id}/thumb", on_files, get_thumb, "`?h=200` → JPEG at most so high"},
      {"GET", "/assets/{id}/view", on_files, get_view,
       "JPEG at most 2048 px; PNG where transparent"},
      {"GET", "/sky", on_files, get_sky, "ASSET: the sky that Reverie renders itself"},
      {"POST", "/recipe", on_files, post_recipe,
       "`{asset}` or `{text}` → `{recipe, document}` that it carries"},
  };
}

}  // namespace reverie::studio
