#include "reverie/recipe/recipe_options.h"

#include <algorithm>
#include <charconv>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

using recipe_values::accepts;
using recipe_values::expected;
using recipe_values::number_text;

// ---- What stands for a value, and what is allowed

template <class T>
std::string form(const Range<T>&) {
  return std::is_integral_v<T> ? "N" : "X";
}
std::string form(const Flag&) { return ""; }
std::string form(const Text& text) { return text.form; }
std::string form(const LayerList&) { return "SPEC"; }
std::string form(const GuideList&) { return "IMAGE[=WEIGHT]"; }
std::string form(const OffsetList&) { return "FILE"; }
std::string form(const ZoomText&) { return "PX|FACTORx"; }
std::string form(const KeyframeList&) { return "FILE"; }
std::string form(const SizeText&) { return "WxH|MAX"; }
template <class T>
std::string form(const Choice<T>&) {
  return "NAME";
}

template <class T>
std::string values(const Range<T>& range) {
  if (range.high == std::numeric_limits<T>::max()) return "any whole number";
  return fmt::format("{} to {}", number_text(range.low), number_text(range.high));
}
template <class T>
std::string values(const Choice<T>& choice) {
  return expected(choice);
}
template <class Domain>
std::string values(const Domain&) {
  return "";
}

// ---- Values as they would be typed

template <class T, class Domain>
std::string typed(const T& value, const Domain&) {
  return number_text(value);
}
std::string typed(bool value, const Flag&) { return value ? "yes" : "no"; }
std::string typed(const std::vector<LayerSpec>& layers, const LayerList&) {
  std::string text;
  for (const LayerSpec& spec : layers) text += (text.empty() ? "" : " ") + to_string(spec);
  return text;
}
std::string typed(const std::vector<GuideSpec>& guides, const GuideList&) {
  std::string text;
  for (const GuideSpec& spec : guides) text += (text.empty() ? "" : " ") + to_string(spec);
  return text;
}
std::string typed(const std::vector<Offset2>&, const OffsetList&) { return ""; }
std::string typed(const std::vector<Keyframe>&, const KeyframeList&) { return ""; }
template <class T>
std::string typed(const T& value, const Choice<T>& choice) {
  for (const auto& [name, named] : choice.names)
    if (named == value) return name;
  return "";
}

// ---- From what was typed: false when it is not understood or out of range

template <class T>
bool read(const std::string& text, T& value, const Range<T>& range) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && accepts(range, value);
}
bool read(const std::string& text, bool& value, const Flag&) {
  value = text == "true";
  return text == "true" || text == "false";
}
bool read(const std::string& text, std::string& value, const Text&) {
  value = text;
  return true;
}
bool read(const std::string& text, std::string& value, const SizeText& domain) {
  value = text;
  try {
    return accepts(domain, value);
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
}
bool read(const std::string& path, std::vector<Offset2>& value, const OffsetList&) {
  const std::string text = read_file(path);
  value = recipe_from_json(fmt::format(R"({{"jitter_from": {}}})", text), path).jitter_from;
  return true;
}
bool read(const std::string& path, std::vector<Keyframe>& value, const KeyframeList&) {
  value = zoom_from_json(fmt::format(R"({{"timeline": {}}})", read_file(path)), path).timeline;
  return true;
}
bool read(const std::string& text, std::string& value, const ZoomText&) {
  value = text;
  try {
    zoom_factor(text, 1e6);
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
  return true;
}
template <class T>
bool read(const std::string& text, T& value, const Choice<T>& choice) {
  for (const auto& [name, named] : choice.names) {
    if (text != name) continue;
    value = named;
    return true;
  }
  return false;
}

template <class T, class Domain>
void read_all(const std::string& name, const std::vector<std::string>& texts, T& value,
              const Domain& domain) {
  if (texts.size() != 1)
    throw BadRecipe(fmt::format("--{} is given {} times, expected once", name, texts.size()));
  if (!read(texts[0], value, domain))
    throw BadRecipe(fmt::format("--{} is '{}', expected {}", name, texts[0], expected(domain)));
}
void read_all(const std::string&, const std::vector<std::string>& texts,
              std::vector<LayerSpec>& value, const LayerList&) {
  value.clear();
  for (const std::string& text : texts) value.push_back(parse_layer_spec(text));
}

void read_all(const std::string&, const std::vector<std::string>& texts,
              std::vector<GuideSpec>& value, const GuideList&) {
  value.clear();
  if (texts == std::vector<std::string>{""}) return;  // none
  for (const std::string& text : texts) value.push_back(parse_guide_spec(text));
}

template <class Domain>
RecipeOption::Kind kind(const Domain&) {
  if (std::is_same_v<Domain, Flag>) return RecipeOption::Kind::flag;
  constexpr bool is_list = std::is_same_v<Domain, LayerList> || std::is_same_v<Domain, GuideList>;
  return is_list ? RecipeOption::Kind::list : RecipeOption::Kind::value;
}

// A cell of a Markdown table: a bar would end it.
std::string cell(const std::string& text) {
  std::string escaped;
  for (char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}
std::string code_cell(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

// An option for each setting. `describe` hands all of them to a visitor, as describe(Recipe) does.
template <class Describe>
std::vector<RecipeOption> listed(Describe describe) {
  std::vector<RecipeOption> options;
  describe([&](const auto& value, const Label& label, const auto& domain) {
    options.push_back({label.name, label.letter, kind(domain), form(domain), values(domain),
                       label.unit, typed(value, domain), label.help});
  });
  return options;
}

// Reads the setting of that name. Errors: as set_option.
template <class Describe>
void set(const std::string& name, const std::vector<std::string>& texts, Describe describe) {
  bool found = false;
  describe([&](auto& value, const Label& label, const auto& domain) {
    if (name != label.name) return;
    found = true;
    read_all(name, texts, value, domain);
  });
  if (!found) throw BadRecipe(fmt::format("no setting '{}'", name));
}

}  // namespace

std::vector<RecipeOption> recipe_options(const Recipe& recipe) {
  return listed([&](const auto& field) { describe(recipe, field); });
}
std::vector<RecipeOption> zoom_options(const ZoomSettings& settings) {
  return listed([&](const auto& field) { describe_zoom(settings, field); });
}
std::vector<RecipeOption> video_options(const VideoSettings& settings) {
  return listed([&](const auto& field) { describe_video(settings, field); });
}
std::vector<RecipeOption> atlas_options(const AtlasSettings& settings) {
  return listed([&](const auto& field) { describe_atlas(settings, field); });
}

void set_option(Recipe& recipe, const std::string& name, const std::vector<std::string>& texts) {
  set(name, texts, [&](const auto& field) { describe(recipe, field); });
}
void set_option(ZoomSettings& settings, const std::string& name,
                const std::vector<std::string>& texts) {
  set(name, texts, [&](const auto& field) { describe_zoom(settings, field); });
}
void set_option(VideoSettings& settings, const std::string& name,
                const std::vector<std::string>& texts) {
  set(name, texts, [&](const auto& field) { describe_video(settings, field); });
}
void set_option(AtlasSettings& settings, const std::string& name,
                const std::vector<std::string>& texts) {
  set(name, texts, [&](const auto& field) { describe_atlas(settings, field); });
}

std::string options_markdown() {
  std::string table = "| Option | Default | Values | What it does |\n|---|---|---|---|\n";
  for (const RecipeOption& option : recipe_options()) {
    std::string name = option.letter ? fmt::format("`-{}`, ", option.letter) : "";
    if (option.kind == RecipeOption::Kind::flag)
      name += fmt::format("`--{0}`, `--no-{0}`", option.name);
    else
      name += code_cell("--" + option.name + " " + option.form);
    const std::string unit = option.unit.empty() || option.values.empty() ? "" : " " + option.unit;
    table += fmt::format("| {} | {} | {} | {} |\n", name, code_cell(option.fallback),
                         cell(option.values) + unit, cell(option.help));
  }
  return table;
}

}  // namespace reverie
