#include "reverie/recipe/video_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/key_values.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {

std::array<int, 3> parse_color(const std::string& text) {
  if (text == "black") return {0, 0, 0};
  if (text == "white") return {255, 255, 255};
  if (text == "grey" || text == "gray") return {128, 128, 128};
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  if (text.size() == 7 && text[0] == '#') {
    const auto [stop, error] = std::from_chars(text.data() + 1, end, value, 16);
    if (error == std::errc() && stop == end)
      return {static_cast<int>(value >> 16), static_cast<int>(value >> 8 & 255),
              static_cast<int>(value & 255)};
  }
  throw BadRecipe(
      fmt::format("background is '{}', expected black, white, grey or #RRGGBB", one_line(text)));
}

void validate(const VideoSettings& settings) {
  describe_video(settings, [](const auto& value, const Label& label, const auto& domain) {
    recipe_values::check(value, label, domain);
  });
  parse_color(settings.background);
  if (settings.end > 0 && settings.end <= settings.start)
    throw BadRecipe(fmt::format("end is {} s, expected more than the {} s of start", settings.end,
                                settings.start));
  validate(settings.timeline);
  key_values::check_keyframes(settings.timeline, "a video",
                              [&](auto field) { describe_video(settings, field); });
}

Recipe video_recipe() {
  Recipe recipe;
  recipe.match_tone = ToneMatch::mean;
  return recipe;
}

}  // namespace reverie
