#include "reverie/recipe/sound_settings.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/key_values.h"

namespace reverie {
namespace {

constexpr Choice<SoundHandling> handlings{sound_handling_names};
constexpr Choice<BeatSource> sources{beat_source_names};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw BadRecipe(
      fmt::format("beat '{}': {}, expected SETTING=SOURCE:LOW..HIGH such as strength=onsets:0.5..2",
                  one_line(text), why));
}

// A value as it would be typed; nothing for settings that are no numbers.
template <class T>
std::optional<T> typed_value(const std::string& text, const Range<T>& range) {
  const auto value = read_number<T>(text);
  return value && recipe_values::accepts(range, *value) ? value : std::nullopt;
}
std::optional<ZoomStep> typed_value(const std::string& text, const ZoomText&) {
  constexpr double unknown_size = 1e6;  // px, before there is a picture
  const ZoomStep step = parse_zoom_step(text);
  zoom_factor(step, unknown_size);
  return step;
}
template <class Domain>
constexpr bool is_number = std::is_same_v<Domain, ZoomText>;
template <class T>
constexpr bool is_number<Range<T>> = true;

// Errors: BadRecipe.
void check_values(const BeatSpec& spec, std::string_view text) {
  std::vector<std::string> known;
  bool is_known = false;
  key_values::describe_animatable([&](const auto&, const Label& label, const auto& domain) {
    if constexpr (is_number<std::decay_t<decltype(domain)>>) {
      known.push_back(label.name);
      if (spec.setting != label.name) return;
      is_known = true;
      for (const std::string& value : {spec.low, spec.high})
        if (!typed_value(value, domain))
          refuse(text, fmt::format("{} cannot be '{}', which is {}", label.name, one_line(value),
                                   recipe_values::expected(domain)));
    }
  });
  if (!is_known)
    refuse(text, fmt::format("'{}' is no number that can change from frame to frame{}",
                             one_line(spec.setting), nearest_note(spec.setting, known)));
}

// Takes "@attack=..." and "@decay=..." off the end of `rest`.
void take_times(std::string_view& rest, BeatSpec& spec, std::string_view text) {
  constexpr double longest = 60;  // s
  const bool is_pulse = spec.source == BeatSource::onsets || spec.source == BeatSource::beats;
  for (std::size_t at = rest.rfind('@'); at != std::string_view::npos; at = rest.rfind('@')) {
    const std::string_view key = rest.substr(at + 1);
    const bool is_attack = key.starts_with("attack=");
    if (!is_attack && !key.starts_with("decay="))
      refuse(text,
             fmt::format("'@{}' is neither @attack=SECONDS nor @decay=SECONDS", one_line(key)));
    if (is_attack && is_pulse) refuse(text, "@attack is for bass, mid and treble alone");
    const auto seconds = read_number<double>(key.substr(key.find('=') + 1));
    if (!seconds || !(*seconds >= 0 && *seconds <= longest))
      refuse(text, fmt::format("'@{}' is no time from 0 to {} s", one_line(key), longest));
    (is_attack ? spec.attack : spec.decay) = *seconds;
    rest = rest.substr(0, at);
  }
}

}  // namespace

SoundSpec parse_sound_spec(std::string_view text) {
  if (text.empty())
    throw BadRecipe(
        fmt::format("sound is empty, expected a file or {}", recipe_values::expected(handlings)));
  SoundSpec spec;
  if (!recipe_values::read_name(text, spec.handling, handlings)) spec.file = text;
  return spec;
}

std::string to_string(const SoundSpec& spec) {
  SoundHandling ignored{};
  if (spec.file.empty()) return recipe_values::name_of(spec.handling, handlings);
  return recipe_values::read_name(spec.file, ignored, handlings) ? "./" + spec.file : spec.file;
}

BeatSpec parse_beat_spec(std::string_view text) {
  BeatSpec spec;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) refuse(text, "there is no '='");
  spec.setting = recipe_values::name_of_key(text.substr(0, equals));
  std::string_view rest = text.substr(equals + 1);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) refuse(text, "there is no ':'");
  if (!recipe_values::read_name(rest.substr(0, colon), spec.source, sources))
    refuse(text, fmt::format("'{}' is none of {}", one_line(rest.substr(0, colon)),
                             recipe_values::expected(sources)));
  rest.remove_prefix(colon + 1);
  take_times(rest, spec, text);
  const std::size_t dots = rest.find("..");
  if (dots == std::string_view::npos) refuse(text, "there is no '..' between two values");
  spec.low = rest.substr(0, dots);
  spec.high = rest.substr(dots + 2);
  check_values(spec, text);
  return spec;
}

std::string to_string(const BeatSpec& spec) {
  const BeatSpec usual;
  std::string text = fmt::format("{}={}:{}..{}", spec.setting,
                                 recipe_values::name_of(spec.source, sources), spec.low, spec.high);
  if (spec.attack != usual.attack) text += fmt::format("@attack={}", spec.attack);
  if (spec.decay != usual.decay) text += fmt::format("@decay={}", spec.decay);
  return text;
}

}  // namespace reverie
