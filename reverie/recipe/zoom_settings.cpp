#include "reverie/recipe/zoom_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/recipe/key_values.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {

int frames_to_dream(const ZoomSettings& settings) {
  return settings.frames + (settings.loop_style == LoopStyle::dissolve ? settings.loop : 0);
}

int plain_frames(const ZoomSettings& settings) {
  return settings.frames - (settings.loop_style == LoopStyle::dream ? settings.loop : 0);
}

int frames_to_show(const ZoomSettings& settings) {
  return settings.palindrome ? std::max(settings.frames, 2 * settings.frames - 2) : settings.frames;
}

void validate(const ZoomSettings& settings) {
  constexpr double unknown_size = 1e6;  // px, before there is a picture
  describe_zoom(settings, [](const auto& value, const Label& label, const auto& domain) {
    if constexpr (std::is_same_v<std::decay_t<decltype(domain)>, ZoomText>)
      zoom_factor(value, unknown_size);
    else
      recipe_values::check(value, label, domain);
  });
  if (settings.frames > 0 && settings.loop >= settings.frames)
    throw BadRecipe(fmt::format("loop is {}, expected less than frames, which is {}", settings.loop,
                                settings.frames));
  if (settings.loop > 0 && settings.palindrome)
    throw BadRecipe("loop and palindrome are both set; a palindrome loops by itself");
  const SoundSpec& sound = settings.timeline.sound;
  if (sound.file.empty() &&
      (sound.handling == SoundHandling::copy || sound.handling == SoundHandling::convert))
    throw BadRecipe(
        fmt::format("sound is '{}', but a zoom's picture has no sound; expected a file, or none",
                    to_string(sound)));
  if (sound.file.empty() && depends_on_sound(settings.timeline))
    throw BadRecipe(
        "the beats of a zoom need a sound: name a file with --sound, or with --tempo use beats "
        "alone");
  validate(settings.timeline);
  key_values::check_keyframes(settings.timeline, "a zoom",
                              [&](auto field) { describe_zoom(settings, field); });
}

Recipe zoom_recipe() {
  Recipe recipe;
  recipe.octaves = 3;
  recipe.iterations = 2;
  recipe.step = 1;
  // Not `full`, which would keep a zoom into a grey picture grey
  recipe.match_tone = ToneMatch::mean;
  return recipe;
}

}  // namespace reverie
