#include "reverie/recipe/timeline_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {

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

double zoom_factor(const ZoomStep& step, double longer_px) {
  constexpr double nearest = 2, farthest = 0.5;
  const bool is_factor = step.unit == ZoomStep::Unit::factor;
  const double factor = is_factor ? step.value : longer_px / (longer_px - 2 * step.value);
  if (!(factor >= farthest && factor <= nearest))
    throw BadRecipe(
        is_factor
            ? fmt::format("zoom is '{}', expected {}x to {}x", to_string(step), farthest, nearest)
            : fmt::format(
                  "zoom is '{}', expected at most a quarter of the picture's longer side, {} px",
                  to_string(step), longer_px));
  return factor;
}

std::vector<GuideSpec> guides_of(const Recipe& recipe, const std::vector<Keyframe>& keyframes) {
  std::vector<GuideSpec> all = recipe.guide;
  for (const Keyframe& key : keyframes) all.insert(all.end(), key.guides.begin(), key.guides.end());
  return all;
}

void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe,
                std::vector<Keyframe>& keyframes) {
  auto next = all.begin();
  for (GuideSpec& guide : recipe.guide) guide = *next++;
  for (Keyframe& key : keyframes)
    for (GuideSpec& guide : key.guides) guide = *next++;
}

void validate(const TimelineSettings& timeline) {
  const Keyframe* before = nullptr;
  for (const Keyframe& key : timeline.keyframes) {
    if (before && key.frame <= before->frame)
      throw BadRecipe(fmt::format("timeline: frame {} after frame {}, expected rising numbers",
                                  key.frame, before->frame));
    before = &key;
  }
}

}  // namespace reverie
