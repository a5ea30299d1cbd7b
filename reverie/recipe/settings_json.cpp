#include "reverie/recipe/settings_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reverie/recipe/atlas_settings.h"
#include "reverie/recipe/former_names.h"
#include "reverie/recipe/presets.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

using Json = nlohmann::ordered_json;
using recipe_values::json_key;

// ---- What a domain says

struct Kind {
  const char* name;
  bool reads_file = false, repeats = false;
};

template <class T>
Kind kind_of(const Range<T>&) {
  return {std::is_integral_v<T> ? "integer" : "number"};
}
template <class T>
Kind kind_of(const Choice<T>&) {
  return {"choice"};
}
Kind kind_of(const Flag&) { return {"flag"}; }
Kind kind_of(const Text& text) { return {"text", text.reads_file}; }
Kind kind_of(const LayerList&) { return {"layers", true, true}; }  // by @mask and @direction
Kind kind_of(const GuideList&) { return {"guides", true, true}; }
Kind kind_of(const OffsetList&) { return {"offsets", true}; }
Kind kind_of(const KeyframeList&) { return {"keyframes", true}; }
Kind kind_of(const InputTransformText&) { return {"text"}; }
Kind kind_of(const SizeText&) { return {"size"}; }
Kind kind_of(const SoundText&) { return {"sound", true}; }
Kind kind_of(const BeatList&) { return {"beats", false, true}; }
Kind kind_of(const ZoomText&) { return {"zoom"}; }

template <class T>
void put_values(Json& setting, const Range<T>& range) {
  setting["low"] = range.low;
  setting["high"] = range.high;
  setting["scale"] = range.scale == Scale::logarithmic ? "log" : "linear";
  if (range.step > 0) setting["step"] = range.step;
  if (range.step == 0 && std::is_integral_v<T> && range.scale == Scale::linear) setting["step"] = 1;
}
template <class T>
void put_values(Json& setting, const Choice<T>& choice) {
  for (const Named<T>& named : choice.names)
    setting["choices"].push_back({{"name", named.name}, {"help", named.help}});
}
template <class Domain>
void put_values(Json&, const Domain&) {}

// ---- One setting

void put_former(Json& setting, const std::string& name) {
  Json names = former_names_of(name), values = Json::object();
  for (const FormerName& row : former_names())
    if (row.value && name == row.setting) values[row.former] = row.value;
  if (!names.empty() || !values.empty()) setting["former"] = {{"names", names}, {"values", values}};
}

template <class Domain>
Json setting_tree(const Label& label, const Domain& domain, const Json& defaults) {
  const Kind kind = kind_of(domain);
  Json setting{{"name", label.name}, {"key", json_key(label)}};
  if (label.letter) setting["letter"] = std::string(1, label.letter);
  setting["group"] = label.group;
  setting["kind"] = kind.name;
  put_values(setting, domain);
  setting["unit"] = label.unit;
  setting["help"] = label.help;
  setting["default"] = defaults.at(json_key(label));
  setting["reads_file"] = kind.reads_file;
  setting["repeats"] = kind.repeats;
  setting["animatable"] = label.animatable;
  if (*label.needs.setting) {
    const bool is = label.needs.relation == Needs::Relation::is;
    setting["needs"] = {{"setting", label.needs.setting},
                        {is ? "is" : "is_not", label.needs.value}};
  }
  put_former(setting, label.name);
  return setting;
}

// A visitor for describe() that fills `list`.
auto listing(Json& list, const Json& defaults) {
  return [&](const auto&, const Label& label, const auto& domain) {
    list.push_back(setting_tree(label, domain, defaults));
  };
}

// What stands for the value and what it may be come from the command line's description.
void put_forms(Json& list, const std::vector<RecipeOption>& options) {
  for (std::size_t i = 0; i < options.size(); ++i) list[i]["form"] = options[i].form;
}

Json tree_of(const Recipe& recipe) { return Json::parse(recipe_to_json(recipe)); }

// ---- All of them

Json recipe_settings() {
  Json list = Json::array();
  const Recipe recipe;
  describe(recipe, listing(list, tree_of(recipe)));
  put_forms(list, recipe_options());
  for (const Preset& preset : presets())
    for (const bool faithful : {false, true}) {
      const Json values = tree_of(preset.recipe(faithful));
      for (Json& setting : list)
        setting[faithful ? "faithful" : "presets"][preset.name] =
            values.at(setting["key"].get<std::string>());
    }
  return list;
}

Json zoom_list() {
  Json list = Json::array();
  const ZoomSettings settings;
  describe_zoom(settings, listing(list, Json::parse(zoom_to_json(settings))));
  put_forms(list, zoom_options());
  return list;
}

Json video_list() {
  Json list = Json::array();
  const VideoSettings settings;
  describe_video(settings, listing(list, Json::parse(video_to_json(settings))));
  put_forms(list, video_options());
  return list;
}

Json atlas_list() {
  Json list = Json::array(), defaults;
  const AtlasSettings settings;
  describe_atlas(settings, [&](const auto& value, const Label& label, const auto&) {
    defaults[json_key(label)] = value;
  });
  describe_atlas(settings, listing(list, defaults));
  put_forms(list, atlas_options());
  return list;
}

// The settings in which a recipe is not as Recipe{} is.
Json unlike_default(const Recipe& recipe) {
  Json unlike = Json::object();
  const Json values = tree_of(recipe), defaults = tree_of({});
  for (const auto& [key, value] : values.items())
    if (value != defaults[key]) unlike[key] = value;
  return unlike;
}

Json settings_tree() {
  Json tree{{"recipe", recipe_settings()},
            {"zoom", zoom_list()},
            {"video", video_list()},
            {"atlas", atlas_list()},
            {"presets", Json::array()},
            {"commands",
             {{"zoom", unlike_default(zoom_recipe())}, {"video", unlike_default(video_recipe())}}}};
  for (const Preset& preset : presets())
    tree["presets"].push_back({{"name", preset.name}, {"help", preset.help}});
  return tree;
}

// ---- The manual

std::string text_of(const Json& value) {
  if (value.is_array()) return "";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return fmt::format("{:.10g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string option_cell(const Json& setting) {
  const std::string name = setting["name"];
  std::string cell;
  if (setting.contains("letter")) cell = "`-" + setting["letter"].get<std::string>() + "`, ";
  if (setting["kind"] == "flag") return cell + "`--" + name + "`, `--no-" + name + "`";
  return cell + "`--" + name + " " + setting["form"].get<std::string>() + "`";
}

std::string values_cell(const Json& setting) {
  std::string cell;
  if (setting.contains("choices")) {
    for (const Json& choice : setting["choices"])
      cell += (cell.empty() ? "" : ", ") + choice["name"].get<std::string>();
  } else if (setting.contains("low")) {
    const bool is_any = setting["high"].is_number_unsigned() &&
                        setting["high"].get<std::uint64_t>() == ~std::uint64_t{0};
    cell = is_any ? "any whole number"
                  : fmt::format("{:.10g} to {:.10g}", setting["low"].get<double>(),
                                setting["high"].get<double>());
    if (const std::string unit = setting["unit"]; !unit.empty()) cell += " " + unit;
  }
  return cell;
}

std::string help_cell(const Json& setting) {
  std::string cell = setting["help"];
  if (setting.contains("choices"))
    for (const Json& choice : setting["choices"])
      cell += "; `" + choice["name"].get<std::string>() + "`: " + choice["help"].get<std::string>();
  if (!setting.contains("needs")) return cell;
  const Json& needs = setting["needs"];
  const bool is = needs.contains("is");
  const std::string other = "`--" + needs["setting"].get<std::string>() + "`";
  const std::string value = needs[is ? "is" : "is_not"];
  if (value.empty()) return cell + "; no effect " + (is ? "with " : "without ") + other;
  return cell + "; no effect " + (is ? "unless " : "where ") + other + " is `" + value + "`";
}

// A bar would end a cell of a Markdown table.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string tables(const Json& list) {
  std::string text, group;
  for (const Json& setting : list) {
    if (group != setting["group"].get<std::string>()) {
      group = setting["group"];
      text += fmt::format(
          "\n### {}\n\n| Option | Default | Values | Meaning |\n|---|---|---|---|\n", group);
    }
    text += fmt::format("| {} | {} | {} | {} |\n", escaped(option_cell(setting)),
                        escaped(code(text_of(setting["default"]))), values_cell(setting),
                        escaped(help_cell(setting)));
  }
  return text;
}

// The settings that keyframes can change, each once.
std::string animatable_names(const Json& tree) {
  std::vector<std::string> names;
  for (const char* list : {"recipe", "zoom", "video"})
    for (const Json& setting : tree[list])
      if (const std::string name = setting["key"];
          setting["animatable"].get<bool>() &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

std::string former_table() {
  std::string text = "| Former | Present |\n|---|---|\n";
  for (const FormerName& row : former_names())
    text += row.value
                ? fmt::format("| `--{0} {1}` | `--{0} {2}` |\n", row.setting, row.former, row.value)
                : fmt::format("| `--{}` | `--{}` |\n", row.former, row.setting);
  return text;
}

}  // namespace

std::string settings_json(int indent) { return settings_tree().dump(indent); }

std::string settings_markdown() {
  const Json tree = settings_tree();
  std::string text = R"(# Settings

Made by `reverie options --markdown`; `reverie options --json` prints the same as data.

An option of the command line is a key of a recipe with `_` for `-` (docs/formats/recipe.md). A preset or a recipe file
(`--preset`) sets many settings at once; options override it. The defaults below are those of the preset `classic`.

## Recipes: image, zoom, video, redo
)";
  text += tables(tree["recipe"]) + "\n## Zooms\n\nDefaults of a zoom's recipe: ";
  const auto defaults = [&](const char* command) {
    std::string list;
    for (const auto& [key, value] : tree["commands"][command].items()) {
      std::string name = recipe_values::name_of_key(key);
      list += fmt::format("{}`--{} {}`", list.empty() ? "" : ", ", name, text_of(value));
    }
    return list + ".\n";
  };
  text += defaults("zoom") + tables(tree["zoom"]) +
          "\n## Videos\n\nDefaults of a video's recipe: " + defaults("video") +
          tables(tree["video"]) + "\n## Atlases\n" + tables(tree["atlas"]);
  text += fmt::format(
      "\n## Keyframes\n\nSettings that a `--timeline` can change from frame to frame "
      "(docs/zoom.md), by their keys: {}.\n",
      animatable_names(tree));
  text +=
      "\n## Presets\n\ndocs/presets.md says where they come from and what `--faithful` changes."
      "\n\n| Preset | What it is |\n|---|---|\n";
  for (const Json& preset : tree["presets"])
    text += fmt::format("| `{}` | {} |\n", preset["name"].get<std::string>(),
                        preset["help"].get<std::string>());
  text +=
      "\n## Former names\n\nUnderstood until version 0.3.0, as options, in recipes and in dreams;"
      " never written.\n\n" +
      former_table();
  return text;
}

}  // namespace reverie
