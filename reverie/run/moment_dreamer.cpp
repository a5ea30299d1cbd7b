#include "reverie/run/moment_dreamer.h"

#include <algorithm>

namespace reverie {

std::vector<LayerSpec> layers_to_wander(const Recipe& recipe, int wander, const Network& network,
                                        const NoticeSink& notices) {
  if (wander > 0 && recipe.layers.size() < 2) return layers_to_visit(network);
  return layers_to_dream(recipe, network, notices);
}

MomentDreamer::MomentDreamer(Network network, const Recipe& recipe, Device device,
                             NoticeSink notices)
    : network_(std::move(network)), recipe_(recipe), device_(device), notices_(std::move(notices)) {
  validate(recipe_);
  recipe_.size.clear();
  recipe_.start = Start::source;
  recipe_.hold = Hold::none;
}

Dreamer& MomentDreamer::dreamer_for(const std::vector<LayerSpec>& layers) {
  constexpr std::size_t most = 2;  // each holds the plans of all octaves
  const auto same = [&](const auto& entry) { return entry.first == layers; };
  if (const auto known = std::find_if(dreamers_.begin(), dreamers_.end(), same);
      known != dreamers_.end()) {
    std::rotate(dreamers_.begin(), known, known + 1);
  } else {
    if (dreamers_.size() == most) dreamers_.pop_back();
    Recipe recipe = recipe_;
    recipe.layers = layers;
    auto dreamer = std::make_unique<Dreamer>(network_, recipe, device_, notices_);
    dreamer->keep_plans();
    dreamers_.emplace_front(layers, std::move(dreamer));
  }
  return *dreamers_.front().second;
}

void MomentDreamer::dream(Tensor& canvas, const Moment& moment, int frame, int iterations,
                          DreamControl control) {
  control.cancel = nullptr;
  Frame picture;
  picture.colour = std::move(canvas);
  for (const LayerShare& layer : moment.layers) {
    const double strength = moment.strength * layer.share;
    if (strength == 0) continue;
    Dreamer& dreamer = dreamer_for(layer.layers);
    dreamer.set_strength(strength);
    dreamer.set_iterations(iterations);
    picture = dreamer.dream(picture, control, static_cast<std::uint32_t>(frame)).frame;
  }
  canvas = std::move(picture.colour);
}

}  // namespace reverie
