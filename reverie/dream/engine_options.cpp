#include "reverie/dream/engine_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/recipe/presets.h"

namespace reverie {
namespace {

// The smallest and the largest shift along an axis.
struct Shifts {
  int low, high;
};

Shifts shifts_of(const Recipe& recipe) {
  const Quirks quirks = quirks_of(recipe);
  return {quirks.positive_shifts ? 0 : -recipe.jitter,
          quirks.open_shifts ? std::max(recipe.jitter - 1, 0) : recipe.jitter};
}

RandomStream stream_at(const Recipe& recipe, const StepPlace& place, RandomUse use) {
  return Random(recipe.seed)
      .at(use, place.frame, static_cast<std::uint32_t>(place.octave),
          static_cast<std::uint32_t>(place.iteration));
}

Offset recorded_shift(const std::vector<Offset>& shifts, const StepPlace& place) {
  const auto step = static_cast<std::size_t>(place.octave * place.iterations + place.iteration);
  if (step < shifts.size()) return shifts[step];
  throw BadRecipe(
      fmt::format("jitter-from holds {} shifts, but the dream needs more: one for each iteration "
                  "of each octave",
                  shifts.size()));
}

Offset shift_at(const Recipe& recipe, const StepPlace& place) {
  if (!recipe.jitter_from.empty()) return recorded_shift(recipe.jitter_from, place);
  const Shifts shifts = shifts_of(recipe);
  RandomStream stream = stream_at(recipe, place, RandomUse::jitter);
  const int x = stream.uniform_int(shifts.low, shifts.high);
  const int y = stream.uniform_int(shifts.low, shifts.high);
  return {x, y};
}

Augmentation augmentation_at(const Recipe& recipe, const StepPlace& place) {
  RandomStream stream = stream_at(recipe, place, RandomUse::augmentation);
  const auto either_way = [&] { return 2.0 * stream.uniform() - 1; };
  Augmentation augmentation;
  augmentation.mirrored = stream.uniform() < 0.5f && recipe.random_flip;
  augmentation.degrees = recipe.random_rotation * either_way();
  augmentation.scale = std::pow(recipe.random_scale, either_way());
  return augmentation;
}

}  // namespace

Tensor start_canvas(const Recipe& recipe, ConstView source, std::uint32_t frame) {
  Tensor canvas = Tensor::copy_of(source);
  if (recipe.start == Start::source) return canvas;
  constexpr float grey = 127.5f, max_noise = 32;  // levels
  std::fill(canvas.elements().begin(), canvas.elements().end(), grey);
  if (recipe.start == Start::grey) return canvas;
  RandomStream stream = Random(recipe.seed).at(RandomUse::noise, frame, 0, 0);
  for (float& v : canvas.elements()) v += max_noise * (2 * stream.uniform() - 1);
  return canvas;
}

Tensor mask_values(const Image& picture) {
  if (!picture.alpha.empty())
    for (float v : picture.alpha.elements())
      if (v < 255) return picture.alpha.clone();
  Tensor grey({1, picture.height(), picture.width()});
  const std::int64_t plane = grey.size();
  for (std::int64_t i = 0; i < plane; ++i) {
    const float r = picture.color[i], g = picture.color[plane + i],
                b = picture.color[2 * plane + i];
    grey[i] = g + 0.2126f * (r - g) + 0.0722f * (b - g);  // white stays white to the bit
  }
  return grey;
}

OctaveOptions octave_options(const Recipe& recipe, const DreamVariation& variation) {
  const Quirks quirks = quirks_of(recipe);
  OctaveOptions options{recipe, {recipe}, {}};
  options.quantize_result = quirks.quantize_result;

  options.ascent.step *= variation.strength;
  options.ascent.iterations = variation.iterations.value_or(recipe.iterations);
  options.ascent.epsilon = quirks.epsilon;
  options.ascent.channel_scale = quirks.channel_scale;

  options.tiling.tiling = recipe.tiling;
  options.tiling.tile = recipe.tile > 0 ? recipe.tile : variation.tile;
  options.tiling.plan_memory = variation.plan_memory;
  options.tiling.epsilon = quirks.epsilon;
  options.tiling.wrap = recipe.wrap;
  return options;
}

StepContext step_context(const Recipe& recipe, const StepPlace& place) {
  return {place.octave, place.iteration, shift_at(recipe, place), augmentation_at(recipe, place),
          [stream = stream_at(recipe, place, RandomUse::tiles)](int low, int high) mutable {
            return stream.uniform_int(low, high);
          }};
}

}  // namespace reverie
