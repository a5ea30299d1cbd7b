#include "reverie/run/zoom.h"

#include <algorithm>

#include "reverie/run/parts.h"

namespace reverie {
namespace {

std::vector<LayerSpec> stops_of(const Recipe& recipe, const ZoomSettings& settings,
                                const Network& network, const NoticeSink& notices) {
  if (settings.wander > 0 && recipe.layers.size() < 2) return layers_to_visit(network);
  return layers_to_dream(recipe, network, notices);
}

}  // namespace

Zoom::Zoom(Network network, const Recipe& recipe, const ZoomSettings& settings, const Frame& source,
           Device device, NoticeSink notices)
    : network_(std::move(network)),
      recipe_(recipe),
      device_(device),
      notices_(std::move(notices)),
      first_(start_canvas(recipe, sized_for_dream(source, recipe.size).colour, 0)),
      tone_(tone_of(first_)) {
  validate(recipe_);
  // Every frame after the first starts from the one before
  recipe_.size.clear();
  recipe_.start = Start::source;
  const Shape& shape = first_.shape();
  timeline_ = std::make_unique<Timeline>(settings, stops_of(recipe_, settings, network_, notices_),
                                         recipe_.seed, shape.width(), shape.height());
}

Dreamer& Zoom::dreamer_for(const std::vector<LayerSpec>& layers) {
  constexpr std::size_t most = 2;  // each holds the plans of all octaves
  const auto same = [&](const auto& entry) { return entry.first == layers; };
  if (const auto known = std::find_if(dreamers_.begin(), dreamers_.end(), same);
      known != dreamers_.end()) {
    std::rotate(dreamers_.begin(), known, known + 1);
  } else {
    if (dreamers_.size() == most) dreamers_.pop_back();
    Recipe recipe = recipe_;
    recipe.layers = layers;
    recipe.hold = Hold::none;  // held once a frame, to the first one
    auto dreamer = std::make_unique<Dreamer>(network_, recipe, device_, notices_);
    dreamer->keep_plans();
    dreamers_.emplace_front(layers, std::move(dreamer));
  }
  return *dreamers_.front().second;
}

void Zoom::advance(Tensor& canvas, int frame, DreamControl control) {
  const Moment moment = timeline_->at(frame);
  control.cancel = nullptr;

  // Look from a little nearer
  Frame moved;
  moved.colour = Tensor::uninitialized(canvas.shape());
  move_camera(canvas, moment.move, moved.colour);
  if (recipe_.clip)
    for (float& v : moved.colour.elements()) v = std::clamp(v, 0.f, 255.f);

  // Dream; while one layer fades into another each takes its share of the steps
  for (const LayerShare& layer : moment.layers) {
    const double strength = moment.strength * layer.share;
    if (strength == 0) continue;
    Dreamer& dreamer = dreamer_for(layer.layers);
    dreamer.set_strength(strength);
    moved = dreamer.dream(moved, control, static_cast<std::uint32_t>(frame)).frame;
  }

  // Bring it back to the light of the first frame
  hold_tone(moved.colour, tone_, recipe_.hold, recipe_.clip);
  canvas = std::move(moved.colour);
}

double loop_share(const ZoomSettings& settings, int frame) {
  if (frame >= settings.loop) return 0;
  return 1 - eased(Easing::smooth, static_cast<double>(frame) / settings.loop);
}

}  // namespace reverie
