#include "reverie/recipe/recipe_options.h"

#include <algorithm>
#include <random>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/former_names.h"
#include "reverie/recipe/input_transform_text.h"
#include "reverie/recipe/keyframe.h"
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
std::string form(const SoundText&) { return "FILE|NAME"; }
std::string form(const BeatList&) { return "SPEC"; }
std::string form(const ZoomText&) { return "PX|FACTORx"; }
std::string form(const KeyframeList&) { return "FILE"; }
std::string form(const InputTransformText&) { return "SPEC"; }
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

// "; a: what that is; b: ..." for help.
template <class T>
std::string choices(const Choice<T>& choice) {
  std::string text;
  for (const Named<T>& named : choice.names)
    text += fmt::format("; {}: {}", named.name, named.help);
  return text;
}
template <class Domain>
std::string choices(const Domain&) {
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
std::string typed(const std::vector<BeatSpec>& beats, const BeatList&) {
  std::string text;
  for (const BeatSpec& spec : beats) text += (text.empty() ? "" : " ") + to_string(spec);
  return text;
}
std::string typed(const SoundSpec& sound, const SoundText&) { return to_string(sound); }
std::string typed(const std::vector<Offset>&, const OffsetList&) { return ""; }
std::string typed(const std::vector<Keyframe>&, const KeyframeList&) { return ""; }
template <class T>
std::string typed(const T& value, const Choice<T>& choice) {
  return recipe_values::name_of(value, choice);
}
std::string typed(const std::optional<WantedSize>& size, const SizeText&) {
  return to_string(size);
}
std::string typed(const std::optional<InputTransform>& transform, const InputTransformText&) {
  return to_string(transform);
}
std::string typed(const ZoomStep& step, const ZoomText&) { return to_string(step); }

// ---- From what was typed: false when it is not understood or out of range

template <class T>
bool read(const std::string& text, T& value, const Range<T>& range) {
  const auto number = read_number<T>(text);
  if (number) value = *number;
  return number && accepts(range, value);
}
// A seed may be left to chance; the one that is drawn is recorded like a typed one.
bool read(const std::string& text, std::uint64_t& value, const Range<std::uint64_t>& range) {
  if (text == "random") {
    std::random_device chance;
    value = std::uint64_t{chance()} << 32 | chance();
    return true;
  }
  return read<std::uint64_t>(text, value, range);
}
bool read(const std::string& text, bool& value, const Flag&) {
  value = text == "true";
  return text == "true" || text == "false";
}
bool read(const std::string& text, std::string& value, const Text&) {
  value = text;
  return true;
}
bool read(const std::string& text, std::optional<WantedSize>& value, const SizeText&) {
  try {
    value = parse_size(text);
    return true;
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
}
bool read(const std::string& text, std::optional<InputTransform>& value,
          const InputTransformText&) {
  try {
    value = parse_input_transform(text);
    return true;
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
}
bool read(const std::string& text, SoundSpec& value, const SoundText&) {
  if (!text.empty()) value = parse_sound_spec(text);
  return !text.empty();
}
bool read(const std::string& text, ZoomStep& value, const ZoomText&) {
  constexpr double unknown_size = 1e6;  // px, before there is a picture
  try {
    value = parse_zoom_step(text);
    zoom_factor(value, unknown_size);
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
  return true;
}
template <class T>
bool read(const std::string& text, T& value, const Choice<T>& choice) {
  return recipe_values::read_name(text, value, choice);
}

void check_once(const std::string& name, const std::vector<std::string>& texts) {
  if (texts.size() != 1)
    throw BadRecipe(fmt::format("--{} is given {} times, expected once", name, texts.size()));
}

// The text of the file that a setting names.
std::string file_text(const std::string& name, const std::vector<std::string>& texts,
                      const RecipeFiles* files) {
  check_once(name, texts);
  if (!files)
    throw BadRecipe(fmt::format("--{} names a file, but files cannot be read here", name));
  return files->bytes(texts[0]);
}

template <class T, class Domain>
void read_all(const std::string& name, const std::vector<std::string>& texts, T& value,
              const Domain& domain, const RecipeFiles*) {
  check_once(name, texts);
  if (!read(current_value(name, texts[0]), value, domain))
    throw BadRecipe(fmt::format("--{} is '{}', expected {}", name, texts[0], expected(domain)));
}
void read_all(const std::string&, const std::vector<std::string>& texts,
              std::vector<LayerSpec>& value, const LayerList&, const RecipeFiles*) {
  value.clear();
  for (const std::string& text : texts) value.push_back(parse_layer_spec(text));
}

void read_all(const std::string&, const std::vector<std::string>& texts,
              std::vector<GuideSpec>& value, const GuideList&, const RecipeFiles*) {
  value.clear();
  if (texts == std::vector<std::string>{""}) return;  // none
  for (const std::string& text : texts) value.push_back(parse_guide_spec(text));
}

void read_all(const std::string&, const std::vector<std::string>& texts,
              std::vector<BeatSpec>& value, const BeatList&, const RecipeFiles*) {
  value.clear();
  if (texts == std::vector<std::string>{""} || texts == std::vector<std::string>{"none"}) return;
  try {
    for (const std::string& text : texts) value.push_back(parse_beat_spec(text));
  } catch (const BadRecipe& error) {
    throw BadRecipe(std::string("--") + error.what());
  }
}

void read_all(const std::string& name, const std::vector<std::string>& texts,
              std::vector<Offset>& value, const OffsetList&, const RecipeFiles* files) {
  const std::string text = file_text(name, texts, files);
  value = recipe_from_json(fmt::format(R"({{"jitter_from": {}}})", text), texts[0]).jitter_from;
}
void read_all(const std::string& name, const std::vector<std::string>& texts,
              std::vector<Keyframe>& value, const KeyframeList&, const RecipeFiles* files) {
  const std::string text = file_text(name, texts, files);
  value = zoom_from_json(fmt::format(R"({{"timeline": {}}})", text), texts[0]).timeline.keyframes;
}

// Times as people write them, in seconds: 62.5, 62.5s, 1:02.5, 00:01:02.5. Errors: BadRecipe for
// one with a colon that is none of these; other texts stay as they are.
std::string in_seconds(const std::string& name, std::string text) {
  if (text.ends_with('s')) text.pop_back();
  if (text.find(':') == std::string::npos) return text;
  const std::optional<double> seconds = seconds_of(text);
  if (!seconds)
    throw BadRecipe(fmt::format(
        "--{} is '{}', expected seconds (62.5) or a time (1:02.5, 00:01:02.5)", name, text));
  return number_text(*seconds);
}
std::vector<std::string> in_seconds(const std::string& name, std::vector<std::string> texts) {
  for (std::string& text : texts) text = in_seconds(name, std::move(text));
  return texts;
}

template <class Domain>
RecipeOption::Kind kind(const Domain&) {
  if (std::is_same_v<Domain, Flag>) return RecipeOption::Kind::flag;
  constexpr bool is_list = std::is_same_v<Domain, LayerList> || std::is_same_v<Domain, GuideList> ||
                           std::is_same_v<Domain, BeatList>;
  return is_list ? RecipeOption::Kind::list : RecipeOption::Kind::value;
}

// An option for each setting. `describe` hands all of them to a visitor, as describe(Recipe) does.
template <class Describe>
std::vector<RecipeOption> listed(Describe describe) {
  std::vector<RecipeOption> options;
  describe([&](const auto& value, const Label& label, const auto& domain) {
    options.push_back({label.name, former_names_of(label.name), label.letter, kind(domain),
                       form(domain), values(domain), label.unit, typed(value, domain),
                       label.help + choices(domain)});
  });
  return options;
}

// Reads the setting of that name. Errors: as set_option.
template <class Describe>
void set(const std::string& given, const std::vector<std::string>& texts, const RecipeFiles* files,
         Describe describe) {
  const std::string name = current_name(given);
  bool found = false;
  describe([&](auto& value, const Label& label, const auto& domain) {
    if (name != label.name) return;
    found = true;
    const bool is_time = std::string_view(label.unit) == "seconds";
    read_all(name, is_time ? in_seconds(name, texts) : texts, value, domain, files);
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

void set_option(Recipe& recipe, const std::string& name, const std::vector<std::string>& texts,
                const RecipeFiles* files) {
  set(name, texts, files, [&](const auto& field) { describe(recipe, field); });
}
void set_option(ZoomSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files) {
  set(name, texts, files, [&](const auto& field) { describe_zoom(settings, field); });
}
void set_option(VideoSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files) {
  set(name, texts, files, [&](const auto& field) { describe_video(settings, field); });
}
void set_option(AtlasSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files) {
  set(name, texts, files, [&](const auto& field) { describe_atlas(settings, field); });
}

}  // namespace reverie
