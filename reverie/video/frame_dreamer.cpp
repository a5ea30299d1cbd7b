#include "reverie/video/frame_dreamer.h"

#include <algorithm>

#include "reverie/recipe/presets.h"

namespace reverie {

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
      recipe_(recipe),
      prepared_(prepare_network(network_.graph, device)),
      notices_(std::move(notices)),
      files_(std::move(files)),
      plan_memory_(plan_memory) {
  validate(recipe_);
  recipe_.size.reset();
  recipe_.start = Start::source;
  recipe_.match_tone = ToneMatch::none;
}

Dreamer& FrameDreamer::dreamer_for(const LayerWeight& layer, std::size_t most) {
  const auto same = [&](const Kept& kept) {
    return kept.layers == layer.layers && kept.guides == layer.guides;
  };
  if (const auto known = std::find_if(dreamers_.begin(), dreamers_.end(), same);
      known != dreamers_.end()) {
    std::rotate(dreamers_.begin(), known, known + 1);
  } else {
    while (dreamers_.size() >= most) dreamers_.pop_back();
    Recipe recipe = recipe_;
    recipe.layers = layer.layers;
    if (!layer.guides.empty()) recipe.guide = layer.guides;
    auto dreamer = std::make_unique<Dreamer>(network_, prepared_, recipe, notices_, files_);
    dreamer->cache_plans();
    dreamers_.push_front({layer.layers, layer.guides, std::move(dreamer)});
  }
  return *dreamers_.front().dreamer;
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
    Dreamer& dreamer = dreamer_for(layer, most);
    DreamVariation variation;
    variation.frame = static_cast<std::uint32_t>(frame);
    variation.strength = strength;
    variation.iterations = iterations;
    variation.plan_memory = plan_memory_;
    picture = dreamer.dream(picture, control, variation).frame;
  }
  canvas = std::move(picture.color);
}

}  // namespace reverie
