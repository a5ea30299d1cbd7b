#include "reverie/recipe/presets.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {
namespace {

Recipe named(const char* preset, bool faithful) {
  Recipe r;
  r.preset = preset;
  r.faithful = faithful;
  return r;
}

// Source: google/deepdream, dream.ipynb. It has no fault to mend.
Recipe classic(bool faithful) { return named("classic", faithful); }

// Source: TensorFlow 1's DeepDream notebook: its lapnorm, and the octave loop of its dream, which
// re-injects detail. Its lapnorm itself lets the picture grow, three octaves from the size given.
Recipe laplacian(bool faithful) {
  Recipe r = named("laplacian", faithful);
  r.objective = Reduction::mean_square;
  r.normalize = Normalization::laplacian;
  r.step = 1;  // its unit is the display's
  r.resize = Resizing::lanczos;
  if (!faithful) return r;
  r.octave_mode = OctaveMode::running;
  r.octaves = 3;
  r.octaves_above = 2;
  r.resize = Resizing::tf1;
  r.jitter = 512;
  r.clip = false;
  r.tiling = Tiling::strips;
  r.tile = 512;
  return r;
}

// Source: TensorFlow 2's DeepDream tutorial, its last and tiled form.
Recipe tutorial(bool faithful) {
  Recipe r = named("tutorial", faithful);
  r.objective = Reduction::mean;
  r.octaves = 5;
  r.octave_scale = 1.3;
  r.octaves_above = 2;
  r.iterations = 50;
  r.step = 0.01 * 127.5;  // its unit is half of 0..255
  r.normalize = Normalization::std;
  r.resize = Resizing::lanczos;
  r.jitter = 512;
  if (!faithful) return r;
  r.octave_mode = OctaveMode::running;
  r.iterations = 100;
  r.resize = Resizing::tf2;
  r.tiling = Tiling::skip_last;
  r.tile = 512;
  return r;
}

// Source: Hvass Laboratories, TensorFlow tutorial 14.
Recipe hvass(bool faithful) {
  Recipe r = named("hvass", faithful);
  r.objective = Reduction::mean_square;
  r.octave_mode = OctaveMode::recursive;
  r.octaves = 5;  // 4 repeats and the picture itself
  r.octave_scale = 1 / 0.7;
  r.step = 3;
  r.normalize = Normalization::std;
  r.smooth = Smoothing::growing;
  r.resize = Resizing::lanczos;
  if (!faithful) return r;
  r.resize = Resizing::pillow;
  r.smooth = Smoothing::growing_color;
  r.jitter = 0;
  r.clip = false;
  r.tiling = Tiling::random;
  r.tile = 400;
  return r;
}

// Source: crypto-code/Deep-Dream, dreamer.py: the same without a change of size, and gentle, since
// it dreams each frame of a video again.
Recipe recursive(bool faithful) {
  Recipe r = hvass(faithful);
  r.preset = "recursive";
  r.octaves = 1;
  r.octave_scale = 1;
  r.step = 1;
  return r;
}

// Source: gordicaleksa/pytorch-deepdream.
Recipe pyramid(bool faithful) {
  Recipe r = named("pyramid", faithful);
  r.objective = Reduction::mean_square;
  r.octave_scale = 1.8;
  r.step =
      0.09 * 255 * (0.229 + 0.224 + 0.225) / 3;  // its unit is a deviation of ImageNet's colors
  r.normalize = Normalization::standardize;
  r.smooth = Smoothing::cascade;
  r.resize = Resizing::lanczos;
  if (!faithful) return r;
  r.octave_mode = OctaveMode::running;
  r.resize = Resizing::opencv;
  return r;
}

// 1e-7 stands beside the mean, as in the notebook's dream.
constexpr Quirks laplacian_quirks{.epsilon = 1e-7, .positive_shifts = true, .open_shifts = true};

// Its 1e-8 is in units of -1..1.
constexpr Quirks tutorial_quirks{
    .epsilon = 1e-8 / 127.5, .quantize_result = true, .open_shifts = true};

constexpr Quirks hvass_quirks{.epsilon = 1e-8};

// ImageNet's deviations of red, green and blue: their common factor is in the step.
constexpr float mean_deviation = (0.229f + 0.224f + 0.225f) / 3;
constexpr Quirks pyramid_quirks{
    .channel_scale = {0.229f / mean_deviation, 0.224f / mean_deviation, 0.225f / mean_deviation}};

// The setting of `recipe` that has this name and type, or null.
template <class T>
const T* setting(const Recipe& recipe, const char* name) {
  const T* found = nullptr;
  describe(recipe, [&](const auto& value, const Label& label, const auto&) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, T>)
      if (std::strcmp(label.name, name) == 0) found = &value;
  });
  return found;
}

}  // namespace

std::span<const Preset> presets() {
  static const std::array<Preset, 6> all{{
      {"classic",
       "the original DeepDream notebook: 4 octaves of 10 steps, jitter of 32 px",
       classic,
       {}},
      {"laplacian",
       "TensorFlow 1's notebook: gradients normalised by a Laplacian pyramid",
       laplacian,
       {{"mixed4c", {}, 1}},
       laplacian_quirks},
      {"tutorial",
       "TensorFlow 2's tutorial: 5 octaves, two of them larger than the picture",
       tutorial,
       {{"mixed3", {}, 1}, {"mixed5", {}, 1}},
       tutorial_quirks},
      {"hvass",
       "Hvass Laboratories' tutorial: recursion over blurred copies, smoothed gradients",
       hvass,
       {},
       hvass_quirks},
      {"recursive",
       "crypto-code/Deep-Dream, an endless zoom: one gentle dream at one size, smoothed gradients",
       recursive,
       {},
       hvass_quirks},
      {"pyramid",
       "pytorch-deepdream: 4 octaves far apart, smoothed gradients",
       pyramid,
       {},
       pyramid_quirks},
  }};
  return all;
}

const Preset* find_preset(const std::string& name) {
  for (const Preset& preset : presets())
    if (name == preset.name) return &preset;
  return nullptr;
}

Quirks quirks_of(const Recipe& recipe) {
  const Preset* preset = recipe.faithful ? find_preset(recipe.preset) : nullptr;
  return preset ? preset->quirks : Quirks{};
}

Recipe load_preset(const std::string& name_or_file) {
  if (const Preset* preset = find_preset(name_or_file)) return preset->recipe(false);

  // A file is meant when it looks like one or is there
  const std::filesystem::path path(name_or_file);
  std::error_code ignored;
  const bool is_file = path.extension() == ".json" || path.has_parent_path() ||
                       std::filesystem::is_regular_file(path, ignored);
  if (!is_file) {
    std::string known;
    for (const Preset& preset : presets())
      known += (known.empty() ? "" : ", ") + std::string(preset.name);
    throw BadRecipe(fmt::format("no preset '{}'; there are {}, or name a recipe file (.json)",
                                name_or_file, known));
  }
  const std::string text = read_file(path, "recipe file");
  if (is_document(text, name_or_file)) return document_from_json(text, name_or_file).recipe;
  return recipe_from_json(text, name_or_file);
}

void set_faithful(Recipe& recipe, bool faithful) {
  if (recipe.faithful == faithful) return;
  if (const Preset* preset = find_preset(recipe.preset)) {
    const Recipe now = preset->recipe(!faithful), wanted = preset->recipe(faithful);
    describe(recipe, [&](auto& value, const Label& label, const auto&) {
      using T = std::decay_t<decltype(value)>;
      if (value == *setting<T>(now, label.name)) value = *setting<T>(wanted, label.name);
    });
  }
  recipe.faithful = faithful;
}

}  // namespace reverie
