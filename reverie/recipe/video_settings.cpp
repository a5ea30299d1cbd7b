#include "reverie/recipe/video_settings.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {

void validate(const VideoSettings& settings) {
  describe_video(settings, [](const auto& value, const Label& label, const auto& domain) {
    recipe_values::check(value, label, domain);
  });
  if (settings.end > 0 && settings.end <= settings.start)
    throw BadRecipe(fmt::format("end is {} s, expected more than the {} s of start", settings.end,
                                settings.start));
  for (const Keyframe& key : settings.timeline.keyframes)
    if (key.zoom || key.rotate || key.pan_x || key.pan_y || key.centre_x || key.centre_y)
      throw BadRecipe(
          fmt::format("timeline: frame {} moves a camera, which only a zoom has; keyframes of a "
                      "video take strength, layer and guide",
                      key.frame));
  validate(settings.timeline);
}

Recipe video_recipe() {
  Recipe recipe;
  recipe.match_tone = ToneMatch::full;
  return recipe;
}

}  // namespace reverie
