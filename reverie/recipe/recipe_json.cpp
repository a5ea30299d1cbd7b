#include "reverie/recipe/recipe_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/former_names.h"
#include "reverie/recipe/input_transform_text.h"
#include "reverie/recipe/key_values.h"
#include "reverie/recipe/presets.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

using Json = nlohmann::ordered_json;
using recipe_values::accepts;
using recipe_values::expected;
using recipe_values::json_key;

// ---- Text to a tree

Json parse(std::string_view text, const std::string& origin) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    // The byte is 1-based and may lie just past the end
    const std::size_t at = std::min(text.size(), error.byte == 0 ? 0 : error.byte - 1);
    const std::string_view before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_begin = before.rfind('\n') + 1;
    throw BadRecipe(fmt::format("{}: not JSON: line {}, column {}{}", origin, line,
                                at - line_begin + 1,
                                at >= text.size() ? ": the text ends too early" : ""));
  } catch (const nlohmann::json::out_of_range&) {
    throw BadRecipe(fmt::format("{}: not readable JSON: a number in it is too large", origin));
  }
}

// What a value is, for messages: numbers and texts are shown, lists and objects named.
std::string shown(const Json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

// ---- One setting to JSON

Json written(const LayerSpec& spec) { return to_string(spec); }
template <class T, class Domain>
Json written(const T& value, const Domain&) {
  return value;
}
Json written(const std::vector<LayerSpec>& layers, const LayerList&) {
  Json list = Json::array();
  for (const LayerSpec& spec : layers) list.push_back(written(spec));
  return list;
}
Json written(const std::vector<GuideSpec>& guides, const GuideList&) {
  Json list = Json::array();
  for (const GuideSpec& spec : guides) list.push_back(to_string(spec));
  return list;
}
Json written(const std::vector<BeatSpec>& beats, const BeatList&) {
  Json list = Json::array();
  for (const BeatSpec& spec : beats) list.push_back(to_string(spec));
  return list;
}
Json written(const SoundSpec& sound, const SoundText&) { return to_string(sound); }
Json written(const std::vector<Offset>& offsets, const OffsetList&) {
  Json list = Json::array();
  for (const Offset& offset : offsets) list.push_back(Json::array({offset.x, offset.y}));
  return list;
}
template <class T>
Json written(const T& value, const Choice<T>& choice) {
  return recipe_values::name_of(value, choice);
}
Json written(const std::optional<WantedSize>& size, const SizeText&) { return to_string(size); }
Json written(const std::optional<InputTransform>& transform, const InputTransformText&) {
  return to_string(transform);
}
Json written(const ZoomStep& step, const ZoomText&) { return to_string(step); }
Json written(const std::vector<Keyframe>& timeline, const KeyframeList&) {
  Json list = Json::array();
  for (const Keyframe& key : timeline) {
    Json tree = Json::object();
    if (key.when.unit == KeyTime::Unit::frames)
      tree["frame"] = static_cast<int>(key.when.value);
    else if (key.when.unit == KeyTime::Unit::seconds)
      tree["time"] = key.when.value;
    else
      tree["time"] = to_string(key.when);
    tree["easing"] = written(key.easing, Choice<Easing>{easing_names});
    key_values::describe_animatable(
        [&](const auto& fallback, const Label& label, const auto& domain) {
          const auto found = key.values.find(label.name);
          auto value = fallback;
          if (found == key.values.end() || !key_values::from_key(found->second, value, domain))
            return;
          tree[json_key(label)] = written(value, domain);
        });
    list.push_back(std::move(tree));
  }
  return list;
}

// ---- One setting from JSON: false when the type is wrong or the value out of range

template <class T>
bool read(const Json& json, T& value, const Range<T>& range) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return false;
    value = json.get<T>();
  } else {
    // A double such as 4.0 stays an error: it may be a slip for 4.5
    if (json.is_number_unsigned()) {
      const auto wide = json.get<std::uint64_t>();
      if (wide > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return false;
      value = static_cast<T>(wide);
    } else {
      if (!json.is_number_integer() || std::is_unsigned_v<T>) return false;
      const auto wide = json.get<std::int64_t>();
      if (wide < static_cast<std::int64_t>(std::numeric_limits<T>::min())) return false;
      value = static_cast<T>(wide);
    }
  }
  return accepts(range, value);
}
bool read(const Json& json, bool& value, const Flag&) {
  if (!json.is_boolean()) return false;
  value = json.get<bool>();
  return true;
}
bool read(const Json& json, std::string& value, const Text&) {
  if (!json.is_string()) return false;
  value = json.get<std::string>();
  return true;
}
bool read(const Json& json, std::optional<WantedSize>& value, const SizeText&) {
  if (json.is_string()) value = parse_size(json.get<std::string>());
  return json.is_string();
}
bool read(const Json& json, std::optional<InputTransform>& value, const InputTransformText&) {
  if (json.is_string()) value = parse_input_transform(json.get<std::string>());
  return json.is_string();
}
bool read(const Json& json, std::vector<LayerSpec>& value, const LayerList&) {
  value.clear();
  if (json.is_string()) value.push_back(parse_layer_spec(json.get<std::string>()));
  if (!json.is_array()) return json.is_string();
  for (const Json& item : json) {
    if (!item.is_string()) return false;
    value.push_back(parse_layer_spec(item.get<std::string>()));
  }
  return true;
}
bool read(const Json& json, std::vector<GuideSpec>& value, const GuideList&) {
  value.clear();
  if (json.is_string()) {
    // Empty: no guide, as older recipes have it
    if (!json.get<std::string>().empty())
      value.push_back(parse_guide_spec(json.get<std::string>()));
    return true;
  }
  if (!json.is_array()) return false;
  for (const Json& item : json) {
    if (!item.is_string()) return false;
    value.push_back(parse_guide_spec(item.get<std::string>()));
  }
  return true;
}
bool read(const Json& json, std::vector<BeatSpec>& value, const BeatList&) {
  value.clear();
  if (json.is_string()) value.push_back(parse_beat_spec(json.get<std::string>()));
  if (!json.is_array()) return json.is_string();
  for (const Json& item : json) {
    if (!item.is_string()) return false;
    value.push_back(parse_beat_spec(item.get<std::string>()));
  }
  return true;
}
bool read(const Json& json, SoundSpec& value, const SoundText&) {
  if (!json.is_string() || json.get<std::string>().empty()) return false;
  value = parse_sound_spec(json.get<std::string>());
  return true;
}
bool read(const Json& json, std::vector<Offset>& value, const OffsetList&) {
  value.clear();
  if (!json.is_array()) return false;
  for (const Json& item : json) {
    Offset offset;
    const Range<int> any{-65536, 65536};
    if (!item.is_array() || item.size() != 2 || !read(item[0], offset.x, any) ||
        !read(item[1], offset.y, any))
      return false;
    value.push_back(offset);
  }
  return true;
}
template <class T>
bool read(const Json& json, T& value, const Choice<T>& choice) {
  return json.is_string() && recipe_values::read_name(json.get<std::string>(), value, choice);
}

bool read(const Json& json, ZoomStep& value, const ZoomText&) {
  if (json.is_number()) value = {json.get<double>(), ZoomStep::Unit::px};
  if (json.is_string()) value = parse_zoom_step(json.get<std::string>());
  return json.is_number() || json.is_string();
}

// ---- An object with settings: those that it has are read, unknown ones are errors

void check_keys(const Json& tree, const std::string& origin,
                const std::vector<std::string>& known) {
  if (!tree.is_object())
    throw BadRecipe(
        fmt::format("{}: expected an object with settings, found {}", origin, shown(tree)));
  for (const auto& [key, value] : tree.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw BadRecipe(
        fmt::format("{}: no setting '{}'{}", origin, one_line(key), nearest_note(key, known)));
  }
}

// The object with the present names of settings and of their values. Errors: BadRecipe where a
// setting is given by a former name and by its present one.
Json with_current_names(const Json& tree, const std::string& origin) {
  if (!tree.is_object()) return tree;
  Json renamed = Json::object();
  for (const auto& [key, value] : tree.items()) {
    const std::string setting = current_name(recipe_values::name_of_key(key));
    const bool is_former = setting != recipe_values::name_of_key(key);
    const std::string present = is_former ? json_key(setting) : key;
    if (is_former && tree.contains(present))
      throw BadRecipe(
          fmt::format("{0}: '{1}' is the former name of '{2}', and both are given; "
                      "leave '{1}' out",
                      origin, key, present));
    renamed[present] =
        value.is_string() ? Json(current_value(setting, value.get<std::string>())) : value;
  }
  return renamed;
}

// A visitor for describe().
auto noting_keys(std::vector<std::string>& keys) {
  return [&](const auto&, const Label& label, const auto&) { keys.push_back(json_key(label)); };
}

bool read(const Json& json, std::vector<Keyframe>& timeline, const KeyframeList&);

// A visitor for describe(). Errors: BadRecipe.
auto reading(const Json& tree, const std::string& origin) {
  return [&tree, &origin](auto& value, const Label& label, const auto& domain) {
    const std::string key = json_key(label);
    const auto item = tree.find(key);
    if (item == tree.end()) return;
    try {
      if (read(*item, value, domain)) return;
    } catch (const BadRecipe& error) {
      throw BadRecipe(fmt::format("{}: {}: {}", origin, key, error.what()));
    }
    throw BadRecipe(
        fmt::format("{}: {} is {}, expected {}", origin, key, shown(*item), expected(domain)));
  };
}

// When a keyframe is. Errors: BadRecipe.
KeyTime key_time(const Json& tree, const std::string& origin) {
  if (tree.contains("frame") == tree.contains("time"))
    throw BadRecipe(fmt::format("{}: {}, expected one of them", origin,
                                tree.contains("frame") ? "\"frame\" and \"time\" are both given"
                                                       : "no \"frame\" and no \"time\""));
  KeyTime when;
  Range<int> frames{0, 1000000};
  int frame = 0;
  std::string time;
  if (const auto at = tree.find("frame"); at != tree.end()) {
    if (!read(*at, frame, frames))
      throw BadRecipe(
          fmt::format("{}: frame is {}, expected {}", origin, shown(*at), expected(frames)));
    return {static_cast<double>(frame), KeyTime::Unit::frames};
  }
  const Json& at = tree.at("time");
  try {
    return parse_key_time(at.is_string() ? at.get<std::string>() : shown(at));
  } catch (const BadRecipe& error) {
    throw BadRecipe(fmt::format("{}: {}", origin, error.what()));
  }
}

// Errors: BadRecipe for a setting that keyframes cannot change, or that there is not.
void check_keyframe_keys(const Json& tree, const std::string& origin) {
  std::vector<std::string> known{"frame", "time", "easing"}, fixed;
  key_values::describe_animatable(noting_keys(known));
  const auto note_fixed = [&](const auto&, const Label& label, const auto&) {
    if (!label.animatable) fixed.push_back(json_key(label));
  };
  key_values::describe_all(note_fixed);
  for (const std::string& key : fixed)
    if (tree.is_object() && tree.contains(key) &&
        std::find(known.begin(), known.end(), key) == known.end())
      throw BadRecipe(fmt::format(
          "{}: {} is the same in all frames, so no keyframe can change it (docs/settings.md, "
          "Keyframes, lists what can)",
          origin, key));
  check_keys(tree, origin, known);
}

bool read(const Json& json, std::vector<Keyframe>& timeline, const KeyframeList&) {
  timeline.clear();
  if (!json.is_array()) return false;
  for (const Json& given : json) {
    const std::string origin = fmt::format("keyframe {}", timeline.size() + 1);
    const Json tree = with_current_names(given, origin);
    check_keyframe_keys(tree, origin);
    Keyframe& key = timeline.emplace_back();
    key.when = key_time(tree, origin);
    const auto read_setting = reading(tree, origin);
    read_setting(key.easing, Label{.name = "easing"}, Choice<Easing>{easing_names});
    key_values::describe_animatable(
        [&](const auto& fallback, const Label& label, const auto& domain) {
          if (!tree.contains(json_key(label))) return;
          auto value = fallback;
          read_setting(value, label, domain);
          key.values[label.name] = key_values::to_key(value, domain);
        });
  }
  return true;
}

// ---- A video

template <class Visitor>
void describe_settings(const ZoomSettings& settings, Visitor&& field) {
  describe_zoom(settings, field);
}
template <class Visitor>
void describe_settings(ZoomSettings& settings, Visitor&& field) {
  describe_zoom(settings, field);
}
template <class Visitor>
void describe_settings(const VideoSettings& settings, Visitor&& field) {
  describe_video(settings, field);
}
template <class Visitor>
void describe_settings(VideoSettings& settings, Visitor&& field) {
  describe_video(settings, field);
}

template <class Settings>
Json settings_tree(const Settings& settings) {
  Json tree = Json::object();
  describe_settings(settings, [&](const auto& value, const Label& label, const auto& domain) {
    tree[json_key(label)] = written(value, domain);
  });
  return tree;
}

template <class Settings>
Settings settings_from_tree(const Json& given, const std::string& origin) {
  const Json tree = with_current_names(given, origin);
  Settings settings;
  std::vector<std::string> known;
  describe_settings(std::as_const(settings), noting_keys(known));
  check_keys(tree, origin, known);
  describe_settings(settings, reading(tree, origin));
  return settings;
}

// ---- A recipe

Json recipe_tree(const Recipe& recipe) {
  Json tree = Json::object();
  describe(recipe, [&](const auto& value, const Label& label, const auto& domain) {
    tree[json_key(label)] = written(value, domain);
  });
  return tree;
}

Recipe recipe_from_tree(const Json& given, const std::string& origin, const Recipe& base) {
  const Json tree = with_current_names(given, origin);
  std::vector<std::string> known;
  describe(base, noting_keys(known));
  check_keys(tree, origin, known);

  // Start from the preset that the object names, if that is one of the built-in ones
  Recipe recipe = base;
  if (const auto preset = tree.find("preset"); preset != tree.end() && preset->is_string())
    if (const Preset* named = find_preset(preset->get<std::string>()))
      recipe = named->recipe(false);
  if (const auto faithful = tree.find("faithful"); faithful != tree.end() && faithful->is_boolean())
    if (faithful->get<bool>() != recipe.faithful) set_faithful(recipe, faithful->get<bool>());

  describe(recipe, reading(tree, origin));
  return recipe;
}

// ---- The document around it

Json picture_tree(const DreamDocument::Picture& picture) {
  Json tree{{"name", picture.name},
            {"sha256", picture.sha256},
            {"width", picture.width},
            {"height", picture.height}};
  if (picture.bytes > 0) tree["bytes"] = picture.bytes;
  if (!picture.path.empty()) tree["path"] = picture.path;
  if (!picture.absolute_path.empty()) tree["absolute_path"] = picture.absolute_path;
  return tree;
}

// The value at a path of keys, when it is there and of the right type; else `fallback`.
template <class T>
T value_at(const Json& tree, std::initializer_list<const char*> path, T fallback) {
  const Json* at = &tree;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return fallback;
    at = &(*at)[key];
  }
  if constexpr (std::is_same_v<T, std::string>)
    return at->is_string() ? at->get<T>() : fallback;
  else
    return at->is_number_integer() ? at->get<T>() : fallback;
}

DreamDocument::Picture picture_from(const Json& tree, const char* key) {
  return {value_at(tree, {key, "name"}, std::string()),
          value_at(tree, {key, "sha256"}, std::string()),
          value_at(tree, {key, "width"}, std::int64_t{0}),
          value_at(tree, {key, "height"}, std::int64_t{0}),
          value_at(tree, {key, "bytes"}, std::uint64_t{0}),
          value_at(tree, {key, "path"}, std::string()),
          value_at(tree, {key, "absolute_path"}, std::string())};
}

Json tiling_tree(const DreamDocument& document) {
  Json tree = Json::object();
  if (document.tiling.tile) tree["tile"] = *document.tiling.tile;
  if (document.tiling.plan_memory > 0) tree["plan_memory"] = document.tiling.plan_memory;
  if (!document.tiling.grid.empty()) tree["grid"] = document.tiling.grid;
  return tree;
}

// File names may hold bytes that are no UTF-8; they are replaced rather than refused.
std::string dumped(const Json& tree, int indent) {
  return tree.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string recipe_to_json(const Recipe& recipe, int indent) {
  return dumped(recipe_tree(recipe), indent);
}

Recipe recipe_from_json(std::string_view text, const std::string& origin, const Recipe& base) {
  return recipe_from_tree(parse(text, origin), origin, base);
}

std::string zoom_to_json(const ZoomSettings& settings, int indent) {
  return dumped(settings_tree(settings), indent);
}

std::string video_to_json(const VideoSettings& settings, int indent) {
  return dumped(settings_tree(settings), indent);
}

ZoomSettings zoom_from_json(std::string_view text, const std::string& origin) {
  return settings_from_tree<ZoomSettings>(parse(text, origin), origin);
}

VideoSettings video_from_json(std::string_view text, const std::string& origin) {
  return settings_from_tree<VideoSettings>(parse(text, origin), origin);
}

std::string document_to_json(const DreamDocument& document, int indent) {
  Json tree = Json::object();
  tree["reverie"] = document.version;
  tree["network"] = Json{{"name", document.network.name},
                         {"file", document.network.file},
                         {"sha256", document.network.sha256},
                         {"layers", document.network.layers}};
  tree["source"] = picture_tree(document.source);
  for (const DreamDocument::Picture& guide : document.guides)
    tree["guides"].push_back(picture_tree(guide));
  if (!document.mask.name.empty()) tree["mask"] = picture_tree(document.mask);
  if (!document.sound.name.empty()) tree["sound"] = picture_tree(document.sound);
  tree["output"] = Json{{"bits", document.output.bits}, {"quality", document.output.quality}};
  if (!document.output.codec.empty()) tree["output"]["codec"] = document.output.codec;
  if (const Json tiling = tiling_tree(document); !tiling.empty()) tree["tiling"] = tiling;
  if (!document.device.name.empty())
    tree["device"] = Json{{"name", document.device.name}, {"driver", document.device.driver}};
  if (!document.history.id.empty())
    tree["history"] = Json{{"id", document.history.id},
                           {"parent", document.history.parent},
                           {"basis", document.history.basis}};
  if (document.zoom) tree["zoom"] = settings_tree(*document.zoom);
  if (document.video) tree["video"] = settings_tree(*document.video);
  tree["recipe"] = recipe_tree(document.recipe);
  return dumped(tree, indent);
}

DreamDocument document_from_json(std::string_view text, const std::string& origin) {
  const Json tree = parse(text, origin);
  if (!tree.is_object() || !tree.contains("recipe"))
    throw BadRecipe(fmt::format("{}: expected an object with a \"recipe\"", origin));
  DreamDocument document;
  document.version = value_at(tree, {"reverie"}, std::string());
  document.network.name = value_at(tree, {"network", "name"}, std::string());
  document.network.file = value_at(tree, {"network", "file"}, std::string());
  document.network.sha256 = value_at(tree, {"network", "sha256"}, std::string());
  if (tree.contains("network") && tree["network"].is_object() &&
      tree["network"].contains("layers") && tree["network"]["layers"].is_array())
    for (const Json& layer : tree["network"]["layers"])
      if (layer.is_string()) document.network.layers.push_back(layer.get<std::string>());
  document.source = picture_from(tree, "source");
  if (tree.contains("guides") && tree["guides"].is_array())
    for (const Json& guide : tree["guides"])
      document.guides.push_back(picture_from(Json{{"guide", guide}}, "guide"));
  else if (tree.contains("guide"))  // as versions had it that knew only one
    document.guides.push_back(picture_from(tree, "guide"));
  document.mask = picture_from(tree, "mask");
  document.sound = picture_from(tree, "sound");
  document.output.bits = value_at(tree, {"output", "bits"}, 8);
  document.output.quality = value_at(tree, {"output", "quality"}, 95);
  document.output.codec = value_at(tree, {"output", "codec"}, std::string());
  if (const int tile = value_at(tree, {"tiling", "tile"}, -1); tile >= 0)
    document.tiling.tile = tile;
  document.tiling.plan_memory = value_at(tree, {"tiling", "plan_memory"}, std::uint64_t{0});
  document.tiling.grid = value_at(tree, {"tiling", "grid"}, std::string());
  document.history = {value_at(tree, {"history", "id"}, std::string()),
                      value_at(tree, {"history", "parent"}, std::string()),
                      value_at(tree, {"history", "basis"}, std::string())};
  document.device.name = value_at(tree, {"device", "name"}, std::string());
  document.device.driver = value_at(tree, {"device", "driver"}, std::string());
  if (tree.contains("zoom")) {
    document.zoom = settings_from_tree<ZoomSettings>(tree["zoom"], origin);
    // Versions that did not know another cross-faded loops
    if (!tree["zoom"].contains("loop_style")) document.zoom->loop_style = LoopStyle::dissolve;
  }
  if (tree.contains("video")) {
    document.video = settings_from_tree<VideoSettings>(tree["video"], origin);
    // Versions that did not know it dreamed frames as they were
    if (!tree["video"].contains("deinterlace")) document.video->deinterlace = Deinterlacing::no;
  }
  document.recipe = recipe_from_tree(tree["recipe"], origin, Recipe{});
  return document;
}

std::string first_difference(const DreamDocument& there, const DreamDocument& here) {
  if (there.network.sha256 != here.network.sha256) return "it has another network";
  if (there.source.sha256 != here.source.sha256) return "it has another source";
  const auto same_file = [](const auto& a, const auto& b) { return a.sha256 == b.sha256; };
  if (!std::equal(there.guides.begin(), there.guides.end(), here.guides.begin(), here.guides.end(),
                  same_file))
    return "it has another guide";
  if (there.mask.sha256 != here.mask.sha256) return "it has another mask";
  const bool is_moved = (here.zoom && depends_on_sound(here.zoom->timeline)) ||
                        (here.video && depends_on_sound(here.video->timeline));
  if (is_moved && there.sound.sha256 != here.sound.sha256) return "it has another sound";
  const auto compare = [](const Json& a, const Json& b) -> std::string {
    for (const auto& [key, value] : b.items())
      if (!a.contains(key) || a[key] != value)
        return fmt::format("{} is {} there and {} here", key,
                           shown(a.contains(key) ? a[key] : Json()), shown(value));
    return "";
  };
  const auto tree_of = [](const auto& settings) {
    return settings ? settings_tree(*settings) : Json::object();
  };
  std::string difference = compare(recipe_tree(there.recipe), recipe_tree(here.recipe));
  if (difference.empty()) difference = compare(tree_of(there.zoom), tree_of(here.zoom));
  if (difference.empty()) difference = compare(tree_of(there.video), tree_of(here.video));
  if (difference.empty() && there.zoom.has_value() != here.zoom.has_value())
    return "only one of them is a zoom";
  const std::uint64_t memory = there.tiling.plan_memory, memory_here = here.tiling.plan_memory;
  if (difference.empty() && memory != memory_here && memory > 0 && memory_here > 0)
    return fmt::format(
        "the memory of a plan, which decides the tiles, is {} bytes there and {} here", memory,
        memory_here);
  return difference;
}

bool is_document(std::string_view text, const std::string& origin) {
  const Json tree = parse(text, origin);
  return tree.is_object() && tree.contains("recipe");
}

}  // namespace reverie
