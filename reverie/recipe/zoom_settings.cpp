#include "reverie/recipe/zoom_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/recipe_values.h"

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

double zoom_factor(const std::string& text, double longer_px) {
  constexpr double nearest = 2, farthest = 0.5;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const std::string unit(stop, end);
  if (error != std::errc() || !(unit.empty() || unit == "x" || unit == "px"))
    throw BadRecipe(fmt::format("zoom is '{}', expected pixels per side (5) or a factor (1.02x)",
                                one_line(text)));
  const double factor = unit == "x" ? value : longer_px / (longer_px - 2 * value);
  if (!(factor >= farthest && factor <= nearest))
    throw BadRecipe(unit == "x"
                        ? fmt::format("zoom is '{}', expected {}x to {}x", text, farthest, nearest)
                        : fmt::format("zoom is '{}', more than a quarter of the {} px that "
                                      "the picture is long",
                                      text, longer_px));
  return factor;
}

std::vector<GuideSpec> guides_of(const Recipe& recipe, const std::vector<Keyframe>& timeline) {
  std::vector<GuideSpec> all = recipe.guide;
  for (const Keyframe& key : timeline) all.insert(all.end(), key.guides.begin(), key.guides.end());
  return all;
}

void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe,
                std::vector<Keyframe>& timeline) {
  auto next = all.begin();
  for (GuideSpec& guide : recipe.guide) guide = *next++;
  for (Keyframe& key : timeline)
    for (GuideSpec& guide : key.guides) guide = *next++;
}

void validate(const ZoomSettings& settings) {
  constexpr double unknown_size = 1e6;  // only the form is checked before there is a picture
  describe_zoom(settings, [](const auto& value, const Label& label, const auto& domain) {
    if constexpr (std::is_same_v<std::decay_t<decltype(domain)>, ZoomText>)
      zoom_factor(value, unknown_size);
    else
      recipe_values::check(value, label, domain);
  });
  if (settings.loop >= settings.frames)
    throw BadRecipe(fmt::format("loop is {}, expected less than the {} frames", settings.loop,
                                settings.frames));

  const Keyframe* before = nullptr;
  for (const Keyframe& key : settings.timeline) {
    if (before && key.frame <= before->frame)
      throw BadRecipe(fmt::format("timeline: frame {} after frame {}, expected rising numbers",
                                  key.frame, before->frame));
    if (!key.layers.empty() && settings.wander > 0)
      throw BadRecipe("timeline names layers, so --wander cannot choose them; leave one out");
    before = &key;
  }
}

Recipe zoom_recipe() {
  Recipe recipe;
  recipe.octaves = 3;
  recipe.iterations = 2;
  recipe.step = 1;
  recipe.match_tone = ToneMatch::full;
  return recipe;
}

}  // namespace reverie
