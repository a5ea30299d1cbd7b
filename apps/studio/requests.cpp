#include "apps/studio/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/studio/opened.h"
#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/model/zoo/zoo.h"
#include "reverie/recipe/presets.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/settings_json.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;

// ---- What names a file

// Kind of each setting that reads files, by the name of its part ("recipe", "zoom"...) and its key.
using FileSettings = std::map<std::string, std::map<std::string, std::string>>;

const FileSettings& file_settings() {
  static const FileSettings known = [] {
    FileSettings found;
    const Json all = Json::parse(settings_json(-1));
    for (const char* part : {"recipe", "zoom", "video"})
      for (const Json& setting : all.at(part))
        if (setting.value("reads_file", false))
          found[part][setting.at("key").get<std::string>()] = setting.at("kind").get<std::string>();
    return found;
  }();
  return known;
}

void check_reference(const std::string& key, const std::string& file, Store& store) {
  if (file.empty() || store.referenced(file)) return;
  throw BadRecipe(fmt::format("{}: '{}' is no picture of the studio, expected asset:ID or dream:ID",
                              key, file));
}

void check_known(const std::string& key, const std::string& name) {
  if (key == "preset" && (name.empty() || find_preset(name) != nullptr)) return;
  if (key == "model" && (name.empty() || find_in_zoo(name) != nullptr || name == name_inside()))
    return;
  throw BadRecipe(fmt::format("{}: there is no '{}'", key, name));
}

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> texts;
  if (value.is_string()) texts.push_back(value.get<std::string>());
  if (value.is_array())
    for (const Json& item : value)
      if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

void check_files(const Json& settings, const std::string& part, Store& store);

void check_setting(const std::string& key, const std::string& kind, const Json& value,
                   Store& store) {
  if (key == "preset" || key == "model") {
    for (const std::string& name : texts_of(value)) check_known(key, name);
  } else if (kind == "layers") {
    for (const std::string& text : texts_of(value)) {
      const LayerSpec layer = parse_layer_spec(text);
      check_reference(key, layer.mask, store);
      check_reference(key, layer.direction, store);
    }
  } else if (kind == "guides") {
    for (const std::string& text : texts_of(value))
      if (!text.empty()) check_reference(key, parse_guide_spec(text).file, store);
  } else if (kind == "sound") {
    for (const std::string& text : texts_of(value))
      if (!text.empty()) check_reference(key, parse_sound_spec(text).file, store);
  } else if (kind == "keyframes" && value.is_array()) {
    for (const Json& keyframe : value)
      if (keyframe.is_object()) check_files(keyframe, "recipe", store);
  } else {
    for (const std::string& text : texts_of(value)) check_reference(key, text, store);
  }
}

// Errors: BadRecipe when settings name a file otherwise than by reference.
void check_files(const Json& settings, const std::string& part, Store& store) {
  const auto& files = file_settings().at(part);
  for (const auto& [key, value] : settings.items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '-', '_');
    const auto found = files.find(name);
    if (found != files.end()) check_setting(name, found->second, value, store);
  }
}

class StoredFiles : public RecipeFiles {
 public:
  explicit StoredFiles(Store& store) : store_(store) {}
  Image picture(const std::string& name, const NoticeSink& notices) const override {
    return read_image(path_of(name), notices);
  }
  std::string bytes(const std::string& name) const override { return read_file(path_of(name)); }
  std::string sound_path(const std::string& name) const override { return path_of(name).string(); }

 private:
  std::filesystem::path path_of(const std::string& name) const {
    const auto path = store_.referenced(name);
    if (!path) throw FileFailure(fmt::format("the studio has no file '{}'", name));
    return *path;
  }
  Store& store_;
};

// ---- Orders

std::string text_at(const Json& order, const char* key) {
  const auto found = order.find(key);
  return found != order.end() && found->is_string() ? found->get<std::string>() : "";
}

JobClass class_of(const std::string& name, JobKind kind) {
  if (name == "draft") return JobClass::draft;
  if (name == "idle") return JobClass::idle;
  return kind == JobKind::image || kind == JobKind::redo ? JobClass::dream : JobClass::film;
}

std::string short_text(std::string text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  return text;
}

// ---- Command lines

std::string quoted(const std::string& word) {
  const bool is_plain = !word.empty() && word.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-./:=,+@%") == std::string::npos;
  if (is_plain) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

std::string with_names(std::string text, Store& store) {
  for (const char* prefix : {"asset:", "dream:"}) {
    const std::size_t at = text.find(prefix);
    if (at == std::string::npos) continue;
    const std::size_t end = text.find_first_of("@=", at);
    const std::string reference = text.substr(at, end == std::string::npos ? end : end - at);
    if (const std::string name = store.name_of(reference); !name.empty())
      text.replace(at, reference.size(), name);
  }
  return text;
}

void add_options(std::string& line, const Json& settings, const Json& defaults, Store& store) {
  for (const auto& [key, value] : settings.items()) {
    if (defaults.contains(key) && defaults.at(key) == value) continue;
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    const auto add = [&](const Json& one) {
      const std::string text = one.is_string() ? one.get<std::string>() : one.dump();
      line += fmt::format(" --{} {}", name, quoted(with_names(text, store)));
    };
    if (value.is_boolean())
      line += value.get<bool>() ? " --" + name : " --" + name + "=false";
    else if (value.is_array())
      for (const Json& one : value) add(one);
    else
      add(value);
  }
}

}  // namespace

const char* to_string(JobClass what) {
  switch (what) {
    case JobClass::look:
      return "look";
    case JobClass::draft:
      return "draft";
    case JobClass::dream:
      return "dream";
    case JobClass::film:
      return "film";
    case JobClass::idle:
      return "idle";
  }
  return "";
}

JobRequest job_request(const Json& order, Store& store) {
  if (!order.is_object()) throw BadRecipe("a job is an object");
  JobRequest request;
  Json job = Json::object();
  for (const char* key : {"kind", "recipe", "chosen", "zoom", "video", "sweep"})
    if (order.contains(key) && !order.at(key).is_null()) job[key] = order.at(key);
  for (const char* part : {"recipe", "zoom", "video"})
    if (job.contains(part)) check_files(job.at(part), part, store);
  if (job.contains("sweep"))
    for (const std::string& axis : texts_of(job.at("sweep"))) {
      std::string name = axis.substr(0, axis.find('='));
      std::replace(name.begin(), name.end(), '-', '_');
      if (file_settings().at("recipe").count(name) != 0 && name != "layer" && name != "preset")
        throw BadRecipe(fmt::format("sweep: '{}' names files", name));
    }
  if (order.contains("output")) {
    for (const char* key : {"format", "bits", "quality", "codec"})
      if (order.at("output").is_object() && order.at("output").contains(key))
        job["output"][key] = order.at("output").at(key);
  }
  request.spec = job_from_json(job.dump(), "the job");
  if (request.spec.kind == JobKind::redo || request.spec.kind == JobKind::atlas)
    throw BadRecipe(fmt::format("the job: kind is '{}', expected image, zoom, video or sweep",
                                text_at(order, "kind")));
  request.source = text_at(order, "source");
  if (!store.referenced(request.source))
    throw BadRecipe(fmt::format(
        "source: '{}' is no picture of the studio, expected asset:ID or dream:ID", request.source));
  request.parent = text_at(order, "parent");
  if (!request.parent.empty() && !store.dream(request.parent))
    throw BadRecipe(fmt::format("parent: there is no dream '{}'", request.parent));
  request.basis = text_at(order, "basis") == "go_on" ? "go_on" : "again";
  request.name = short_text(text_at(order, "name"), 200);
  request.what = class_of(text_at(order, "class"), request.spec.kind);
  return request;
}

std::string request_to_json(const JobRequest& request) {
  Json order = Json::parse(job_to_json(request.spec, -1));
  order.erase("history");
  order["source"] = request.source;
  order["parent"] = request.parent;
  order["basis"] = request.basis;
  order["name"] = request.name;
  order["class"] = to_string(request.what);
  return order.dump();
}

std::shared_ptr<const RecipeFiles> files_of(Store& store) {
  return std::make_shared<StoredFiles>(store);
}

std::string command_line(const JobRequest& request, Store& store) {
  const JobSpec& spec = request.spec;
  const JobSpec plain = job_of_kind(spec.kind, {});
  std::string line = "reverie ";
  for (const auto& [name, kind] : job_kind_names)
    if (kind == spec.kind) line += kind == JobKind::sweep ? "image" : name;
  const std::string source = store.name_of(request.source);
  line += " " + quoted(source.empty() ? "PICTURE" : source);
  const Recipe base =
      spec.recipe.preset == plain.recipe.preset ? plain.recipe : load_preset(spec.recipe.preset);
  Json settings = Json::parse(recipe_to_json(spec.recipe, -1));
  Json defaults = Json::parse(recipe_to_json(base, -1));
  if (spec.recipe.preset != plain.recipe.preset) defaults.erase("preset");
  add_options(line, settings, defaults, store);
  if (spec.kind == JobKind::zoom)
    add_options(line, Json::parse(zoom_to_json(spec.zoom, -1)),
                Json::parse(zoom_to_json(plain.zoom, -1)), store);
  if (spec.kind == JobKind::video)
    add_options(line, Json::parse(video_to_json(spec.video, -1)),
                Json::parse(video_to_json(plain.video, -1)), store);
  for (const std::string& axis : spec.sweep) line += " --sweep " + quoted(axis);
  return line;
}

std::pair<std::int64_t, std::int64_t> dreamed_size(const Recipe& recipe, std::int64_t width,
                                                   std::int64_t height) {
  if (width <= 0 || height <= 0) return {width, height};  // what is no picture
  return fitted_size(recipe.size, width, height);
}

double cost_of(const Recipe& recipe, std::int64_t width, std::int64_t height) {
  const auto [w, h] = dreamed_size(recipe, width, height);
  double pixels = 0;
  for (int octave = 0; octave < recipe.octaves; ++octave)
    pixels += std::pow(recipe.octave_scale, -2.0 * (octave - recipe.octaves_above));
  return pixels * static_cast<double>(w) * static_cast<double>(h) * recipe.iterations / 1e6;
}

}  // namespace reverie::studio
