#include "reverie/recipe/keyframe.h"

#include <fmt/format.h>

#include <charconv>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {
namespace {

std::string_view without_spaces_around(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

double eased(Easing easing, double part) {
  switch (easing) {
    case Easing::linear:
      return part;
    case Easing::smooth:
      return part * part * (3 - 2 * part);
    case Easing::slow_start:
      return part * part;
    case Easing::slow_end:
      return part * (2 - part);
    case Easing::step:
      break;
  }
  return part < 1 ? 0 : 1;
}

ZoomStep parse_zoom_step(std::string_view text) {
  ZoomStep step;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, step.value);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (error != std::errc() || !(unit.empty() || unit == "x" || unit == "px"))
    throw BadRecipe(fmt::format("zoom is '{}', expected pixels per side (5) or a factor (1.02x)",
                                one_line(text)));
  step.unit = unit == "x" ? ZoomStep::Unit::factor : ZoomStep::Unit::px;
  return step;
}

std::string to_string(const ZoomStep& step) {
  return fmt::format("{}{}", step.value, step.unit == ZoomStep::Unit::factor ? "x" : "");
}

std::optional<double> seconds_of(std::string_view text) {
  double seconds = 0;
  bool has_colon = false;
  std::size_t colon = std::string_view::npos;
  for (int parts = 0; (colon = text.find(':')) != std::string_view::npos; ++parts) {
    const auto whole = read_number<int>(text.substr(0, colon));
    if (!whole || text.starts_with('-') || parts == 2 || (parts == 1 && *whole >= 60)) return {};
    seconds = 60 * (seconds + *whole);
    text.remove_prefix(colon + 1);
    has_colon = true;
  }
  const auto rest = read_number<double>(text);
  if (!rest || !(*rest >= 0) || (has_colon && (*rest >= 60 || text.starts_with('-')))) return {};
  return seconds + *rest;
}

KeyTime parse_key_time(std::string_view text) {
  constexpr double longest = 1e7;  // s, or beats
  std::string_view number = without_spaces_around(text);
  KeyTime::Unit unit = KeyTime::Unit::seconds;
  for (const std::string_view ending : {"beats", "beat", "s"})
    if (number.ends_with(ending)) {
      number.remove_suffix(ending.size());
      if (ending != "s") unit = KeyTime::Unit::beats;
      break;
    }
  number = without_spaces_around(number);
  const auto value =
      unit == KeyTime::Unit::beats ? read_number<double>(number) : seconds_of(number);
  if (!value || !(*value >= 0 && *value <= longest))
    throw BadRecipe(
        fmt::format("time is '{}', expected seconds (1.5 or 00:01:02.5) or beats (\"4 beats\")",
                    one_line(text)));
  return {*value, unit};
}

std::string to_string(const KeyTime& time) {
  switch (time.unit) {
    case KeyTime::Unit::seconds:
      return fmt::format("{}s", time.value);
    case KeyTime::Unit::beats:
      return fmt::format("{} beats", time.value);
    case KeyTime::Unit::frames:
      break;
  }
  return fmt::format("frame {}", time.value);
}

const std::vector<LayerSpec>& Keyframe::layers() const {
  static const std::vector<LayerSpec> none;
  const auto found = values.find("layer");
  return found == values.end() ? none : std::get<std::vector<LayerSpec>>(found->second);
}

const std::vector<GuideSpec>& Keyframe::guides() const {
  static const std::vector<GuideSpec> none;
  const auto found = values.find("guide");
  return found == values.end() ? none : std::get<std::vector<GuideSpec>>(found->second);
}

}  // namespace reverie
