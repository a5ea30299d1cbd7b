#include "reverie/recipe/timeline_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reverie/base/error.h"

namespace reverie {

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
  for (const Keyframe& key : keyframes)
    all.insert(all.end(), key.guides().begin(), key.guides().end());
  return all;
}

void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe,
                std::vector<Keyframe>& keyframes) {
  auto next = all.begin();
  for (GuideSpec& guide : recipe.guide) guide = *next++;
  for (Keyframe& key : keyframes)
    if (const auto found = key.values.find("guide"); found != key.values.end())
      for (GuideSpec& guide : std::get<std::vector<GuideSpec>>(found->second)) guide = *next++;
}

bool depends_on_time(const TimelineSettings& timeline) {
  const auto& keys = timeline.keyframes;
  const auto is_timed = [](const Keyframe& key) {
    return key.when.unit != KeyTime::Unit::frames || key.values.contains("beat");
  };
  return !timeline.beats.empty() || std::any_of(keys.begin(), keys.end(), is_timed);
}

bool depends_on_sound(const TimelineSettings& timeline) {
  const auto needs_sound = [&](const BeatSpec& beat) {
    return beat.source != BeatSource::beats || timeline.tempo == 0;
  };
  const auto is_moved = [&](const std::vector<BeatSpec>& beats) {
    return std::any_of(beats.begin(), beats.end(), needs_sound);
  };
  const auto key_needs_sound = [&](const Keyframe& key) {
    if (key.when.unit == KeyTime::Unit::beats && timeline.tempo == 0) return true;
    const auto beats = key.values.find("beat");
    if (beats == key.values.end()) return false;
    const auto* const specs = std::get_if<std::vector<BeatSpec>>(&beats->second);
    return specs != nullptr && is_moved(*specs);
  };
  const auto& keys = timeline.keyframes;
  return is_moved(timeline.beats) || std::any_of(keys.begin(), keys.end(), key_needs_sound);
}

void validate(const TimelineSettings& timeline) {
  std::map<KeyTime::Unit, KeyTime> last;
  for (const Keyframe& key : timeline.keyframes) {
    const auto before = last.find(key.when.unit);
    if (before != last.end() && key.when.value <= before->second.value)
      throw BadRecipe(fmt::format("timeline: {} after {}, expected rising times",
                                  to_string(key.when), to_string(before->second)));
    last[key.when.unit] = key.when;
  }
}

}  // namespace reverie
