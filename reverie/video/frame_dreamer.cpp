#include "reverie/video/frame_dreamer.h"

#include <algorithm>

#include "reverie/recipe/presets.h"

namespace reverie {
namespace {

// The recipe of a frame for one of its layers.
Recipe recipe_of(const FrameState& state, const LayerWeight& layer) {
  Recipe recipe = state.recipe;
  recipe.layers = layer.layers;
  if (!layer.guides.empty()) recipe.guide = layer.guides;
  recipe.size.reset();
  recipe.start = Start::source;
  recipe.match_tone = ToneMatch::none;
  return recipe;
}

// Whether a dreamer of one recipe may dream by the other: they have the same objective, and octaves
// of the same sizes, whose plans it keeps.
bool serves_alike(const Recipe& a, const Recipe& b) {
  return a.layers == b.layers && a.guide == b.guide && a.objective == b.objective &&
         a.octaves == b.octaves && a.octave_scale == b.octave_scale &&
         a.octaves_above == b.octaves_above && a.octave_mode == b.octave_mode &&
         a.resize == b.resize;
}

}  // namespace

std::vector<LayerSpec> layers_to_wander(const Recipe& recipe, int wander, const Network& network,
                                        const NoticeSink& notices) {
  // Whoever names layers wants these: one stays, several are visited one after another
  if (wander > 0 && recipe.layers.size() > 1) return recipe.layers;
  const Preset* preset = find_preset(recipe.preset);
  const bool has_own = !recipe.layers.empty() || (preset && !preset->layers.empty());
  if (wander > 0 && !has_own) return layers_to_visit(network);
  return layers_to_dream(recipe, network, notices);
}

FrameDreamer::FrameDreamer(Network network, const Recipe& recipe, Device device, NoticeSink notices,
                           std::shared_ptr<const RecipeFiles> files, std::size_t plan_memory)
    : network_(std::move(network)),
      prepared_(prepare_network(network_.graph, device)),
      notices_(std::move(notices)),
      files_(std::move(files)),
      plan_memory_(plan_memory) {
  validate(recipe);
}

Dreamer& FrameDreamer::dreamer_for(const Recipe& recipe, std::size_t most) {
  const auto serves = [&](const std::unique_ptr<Dreamer>& kept) {
    return serves_alike(kept->recipe(), recipe);
  };
  if (const auto known = std::find_if(dreamers_.begin(), dreamers_.end(), serves);
      known != dreamers_.end()) {
    std::rotate(dreamers_.begin(), known, known + 1);
  } else {
    while (dreamers_.size() >= most) dreamers_.pop_back();
    auto dreamer = std::make_unique<Dreamer>(network_, prepared_, recipe, notices_, files_);
    dreamer->cache_plans();
    dreamers_.push_front(std::move(dreamer));
  }
  return *dreamers_.front();
}

void FrameDreamer::dream(Tensor& canvas, const FrameState& state, int frame, int iterations,
                         DreamControl control) {
  control.cancel = nullptr;
  Image picture;
  picture.color = std::move(canvas);
  // Two are enough while one layer fades into another
  const std::size_t most = std::max<std::size_t>(2, state.layers.size());
  for (const LayerWeight& layer : state.layers) {
    const double strength = state.strength * layer.weight;
    if (strength == 0) continue;
    const Recipe recipe = recipe_of(state, layer);
    DreamVariation variation;
    variation.frame = static_cast<std::uint32_t>(frame);
    variation.strength = strength;
    variation.iterations = iterations;
    variation.plan_memory = plan_memory_;
    variation.recipe = &recipe;
    picture = dreamer_for(recipe, most).dream(picture, control, variation).frame;
  }
  canvas = std::move(picture.color);
}

}  // namespace reverie
