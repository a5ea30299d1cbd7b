#include "reverie/run/parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reverie/base/error.h"
#include "reverie/run/presets.h"
#include "reverie/run/still.h"

namespace reverie {
namespace {

// The least and the greatest shift along an axis.
struct Shifts {
  int low, high;
};

// What a program does that is no setting: only a faithful dream has it.
struct Habits {
  double epsilon = 0;                  // added to what slopes are divided by, in display units
  std::array<float, 3> gain{1, 1, 1};  // see AscentOptions
  bool cut_result = false;             // see LadderOptions
  Shifts shifts{0, 0};
};

Habits habits_of(const Recipe& recipe) {
  Habits habits;
  habits.shifts = {-recipe.jitter, recipe.jitter};
  if (!recipe.faithful) return habits;
  if (recipe.preset == "laplacian") {
    habits.epsilon = 1e-7;  // beside the mean, as in its dream
    habits.shifts = {0, std::max(recipe.jitter - 1, 0)};
  } else if (recipe.preset == "tutorial") {
    habits.epsilon = 1e-8 / 127.5;  // 1e-8 per unit of -1..1
    habits.cut_result = true;
    habits.shifts = {-recipe.jitter, std::max(recipe.jitter - 1, 0)};
  } else if (recipe.preset == "hvass" || recipe.preset == "recursive") {
    habits.epsilon = 1e-8;
  } else if (recipe.preset == "pyramid") {
    // ImageNet's deviations of red, green and blue: their common factor is in the step
    constexpr float mean = (0.229f + 0.224f + 0.225f) / 3;
    habits.gain = {0.229f / mean, 0.224f / mean, 0.225f / mean};
  }
  return habits;
}

}  // namespace

std::vector<LayerSpec> layers_to_dream(const Recipe& recipe, const Network& network,
                                       const NoticeSink& notices) {
  if (!recipe.layers.empty()) return recipe.layers;
  const Preset* preset = find_preset(recipe.preset);
  if (preset && !preset->layers.empty()) {
    std::vector<std::string> missing;
    for (const LayerSpec& spec : preset->layers)
      if (network.graph.find(spec.name) < 0) missing.push_back(spec.name);
    if (missing.empty()) return preset->layers;
    notify(notices, fmt::format("preset {} dreams of {}, which network '{}' does not have; "
                                "dreaming of {} (--layer names others)",
                                preset->name, fmt::join(missing, " and "), network.name,
                                network.default_layer));
  }
  return {{network.default_layer, {}, 1}};
}

Objective objective_of(const Recipe& recipe, const Network& network, const NoticeSink& notices) {
  if (!recipe.guide.empty() && recipe.objective != Measure::energy)
    notify(notices,
           "with a guide, agreeing with it is the objective; the recipe's own is not used");
  Objective objective;
  for (const LayerSpec& spec : layers_to_dream(recipe, network, notices))
    objective.terms.push_back({spec.name, spec.channels, spec.weight, {}, recipe.objective});
  return objective;
}

LadderOptions ladder_options(const Recipe& recipe, std::size_t memory_limit) {
  const Habits habits = habits_of(recipe);
  LadderOptions options;
  options.ladder = recipe.ladder;
  options.octaves = recipe.octaves;
  options.octave_scale = recipe.octave_scale;
  options.octaves_above = recipe.octaves_above;
  options.keep = recipe.keep;
  options.resize = recipe.resize;
  options.hold = recipe.hold;
  options.cut_result = habits.cut_result;

  options.ascent.iterations = recipe.iterations;
  options.ascent.step = recipe.step;
  options.ascent.clip = recipe.clip;
  options.ascent.normalise = recipe.normalise;
  options.ascent.smooth = recipe.smooth;
  options.ascent.epsilon = habits.epsilon;
  options.ascent.gain = habits.gain;

  options.tiling.tiling = recipe.tiling;
  options.tiling.tile = recipe.tile;
  options.tiling.memory_limit = memory_limit;
  options.tiling.epsilon = habits.epsilon;
  return options;
}

Draws::Draws(const Recipe& recipe, std::uint32_t frame)
    : recipe_(recipe), frame_(frame), tiles_(Random(0).at(RandomUse::tiles, 0, 0, 0)) {}

Offset Draws::offset(int octave, int iteration) {
  if (!recipe_.jitter_from.empty()) return recorded();
  const Shifts shifts = habits_of(recipe_).shifts;
  RandomStream stream = Random(recipe_.seed)
                            .at(RandomUse::jitter, frame_, static_cast<std::uint32_t>(octave),
                                static_cast<std::uint32_t>(iteration));
  const int x = stream.uniform_int(shifts.low, shifts.high);
  const int y = stream.uniform_int(shifts.low, shifts.high);
  return {x, y};
}

Offset Draws::recorded() {
  if (used_ == recipe_.jitter_from.size())
    throw BadRecipe(
        fmt::format("jitter-from holds {} shifts, but the dream needs more: one for each iteration "
                    "of each octave",
                    used_));
  const auto& [x, y] = recipe_.jitter_from[used_++];
  return {x, y};
}

int Draws::tile_start(int octave, int iteration, int low, int high) {
  if (octave != octave_ || iteration != iteration_) {
    octave_ = octave;
    iteration_ = iteration;
    tiles_ = Random(recipe_.seed)
                 .at(RandomUse::tiles, frame_, static_cast<std::uint32_t>(octave),
                     static_cast<std::uint32_t>(iteration));
  }
  return tiles_.uniform_int(low, high);
}

}  // namespace reverie
