#include "reverie/recipe/recipe.h"

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

// The key by which a layer counts only somewhere in the picture; empty for none.
std::string key_of_place(const LayerSpec& spec) {
  return spec.at ? "@at" : spec.mask.empty() ? "" : "@mask";
}

// What layers say that the other settings do not let them.
void check_layers(const Recipe& r) {
  for (const LayerSpec& spec : r.layers) {
    const std::string key = key_of_place(spec);
    const auto refuse = [&](const std::string& why) {
      throw BadRecipe(fmt::format("layer '{}': {}", to_string(spec), why));
    };
    if (!key.empty() && r.tiling != Tiling::blended) refuse(key + " needs tiling blended");
    if (!key.empty() && (r.random_flip || r.random_rotation > 0 || r.random_scale > 1))
      refuse(
          key +
          " does not go with random-flip, random-rotation or random-scale, which move the place");
    if (!r.guide.empty() && (spec.at || !spec.direction.empty() || !spec.class_name.empty()))
      refuse(
          "@at, @direction and @class do not go with a guide, which is the objective at every "
          "place");
  }
}

// What would see the edges of a picture that shall have none.
void check_wrap(const Recipe& r) {
  if (!r.wrap) return;
  if (r.tiling != Tiling::blended)
    throw BadRecipe("wrap needs tiling blended: the other tilings end at the edges");
  if (!r.mask.empty())
    throw BadRecipe(
        "wrap does not go with a mask: wrap changes the edges, a mask keeps what lies outside it");
  if (r.random_rotation > 0 || r.random_scale > 1)
    throw BadRecipe(
        "wrap does not go with random-rotation or random-scale, which show the edges: use --jitter "
        "or --random-flip");
  for (const LayerSpec& spec : r.layers)
    if (const std::string key = key_of_place(spec); !key.empty())
      throw BadRecipe(fmt::format(
          "layer '{}': {} does not go with wrap: a periodic picture has no fixed places",
          to_string(spec), key));
}

// Settings that are fine by themselves and not together.
void check_conflicts(const Recipe& r) {
  if (r.octave_scale < 1.05 && r.octave_mode != OctaveMode::recursive && r.octaves > 1)
    throw BadRecipe(fmt::format(
        "octave-scale is {}, expected 1.05 to 2; 1 needs octave-mode recursive", r.octave_scale));
  if (r.octave_scale != 1 && r.octave_scale < 1.05)
    throw BadRecipe(fmt::format("octave-scale is {}, expected 1, or 1.05 to 2", r.octave_scale));
  if (r.octaves_above >= r.octaves)
    throw BadRecipe(fmt::format("octaves-above is {}, expected less than octaves, which is {}",
                                r.octaves_above, r.octaves));
  if (r.octaves_above > 0 && r.octave_mode == OctaveMode::recursive)
    throw BadRecipe(
        "octaves-above does not go with octave-mode recursive, whose largest octave is the "
        "picture");
  if (!r.guide.empty() && r.octave_mode == OctaveMode::recursive)
    throw BadRecipe(
        "guide does not go with octave-mode recursive (presets hvass and recursive): use "
        "--octave-mode detail, or no guide");
  for (const auto& [is_set, name] :
       {std::pair(r.mask_invert, "mask-invert"), std::pair(r.mask_feather > 0, "mask-feather")})
    if (is_set && r.mask.empty())
      throw BadRecipe(fmt::format("{} needs a mask: name a picture with --mask", name));
  check_wrap(r);
  if (r.octave_mode == OctaveMode::detail && r.resize == Resizing::pillow && r.octaves > 1)
    throw BadRecipe(
        "resize pillow clips to 0..255, but octave-mode detail needs values outside: use --resize "
        "lanczos");
  if (r.source_penalty > 0 && r.octave_mode == OctaveMode::running)
    throw BadRecipe(
        "source-penalty does not go with octave-mode running, which drops the picture: use "
        "--octave-mode detail");
  check_layers(r);
  if (r.tiling != Tiling::blended && r.tile == 0)
    throw BadRecipe("tile is 0, but only tiling blended chooses a size: give --tile");
}

}  // namespace

void validate(const Recipe& recipe) {
  describe(recipe, [](const auto& value, const Label& label, const auto& domain) {
    recipe_values::check(value, label, domain);
  });
  check_conflicts(recipe);
}

const char* to_string(Precision precision) {
  return recipe_values::name_of(precision, Choice<Precision>{precision_names});
}

std::optional<WantedSize> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto bad = [&](const std::string& what) {
    return BadRecipe(fmt::format(
        "size '{}' {}, expected WxH or MAX in pixels, 1 to 65536, or 1% to 1000%, or full",
        one_line(text), what));
  };
  const auto side = [&](std::string_view digits) {
    const auto value = read_number<int>(digits);
    if (!value) throw bad("is not understood");
    if (*value < 1 || *value > 65536) throw bad("is out of range");
    return *value;
  };
  WantedSize size;
  if (text == "full") {
    size.percent = 100;
    return size;
  }
  const std::size_t cross = text.find_first_of("xX");
  if (text.ends_with('%')) {
    const auto percent = read_number<double>(text.substr(0, text.size() - 1));
    if (!percent) throw bad("is not understood");
    if (!(*percent >= 1 && *percent <= 1000)) throw bad("is out of range");
    size.percent = *percent;
  } else if (cross == std::string_view::npos) {
    size.longest = side(text);
  } else {
    size.width = side(text.substr(0, cross));
    size.height = side(text.substr(cross + 1));
  }
  return size;
}

std::string to_string(const std::optional<WantedSize>& size) {
  if (!size) return "";
  if (size->percent > 0) return fmt::format("{:g}%", size->percent);
  return size->longest > 0 ? fmt::format("{}", size->longest)
                           : fmt::format("{}x{}", size->width, size->height);
}

std::pair<std::int64_t, std::int64_t> fitted_size(const std::optional<WantedSize>& wanted,
                                                  std::int64_t width, std::int64_t height) {
  if (!wanted) return {width, height};
  if (wanted->width > 0) return {wanted->width, wanted->height};
  const double scale = wanted->percent > 0 ? wanted->percent / 100
                                           : static_cast<double>(wanted->longest) /
                                                 static_cast<double>(std::max(width, height));
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * scale));
  };
  return {scaled(width), scaled(height)};
}

}  // namespace reverie
