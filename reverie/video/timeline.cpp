#include "reverie/video/timeline.h"

#include <algorithm>
#include <cmath>

#include "reverie/base/random.h"
#include "reverie/graph/network_end.h"

namespace reverie {
namespace {

// The keyframes around `frame` that say something, and how far it is from the first to the second.
struct Between {
  const Keyframe* before = nullptr;
  const Keyframe* after = nullptr;
  double part = 0;  // 0..1, eased
};

template <class Says>
Between between(const std::vector<Keyframe>& keys, int frame, Says says) {
  Between found;
  for (const Keyframe& key : keys) {
    if (!says(key)) continue;
    if (key.frame <= frame) found.before = &key;
    if (key.frame > frame) {
      found.after = &key;
      break;
    }
  }
  if (found.before && found.after)
    found.part = eased(found.before->easing,
                       static_cast<double>(frame - found.before->frame) /
                           static_cast<double>(found.after->frame - found.before->frame));
  return found;
}

// A value at `frame`: between its keyframes, at the nearest one, or as the settings have it.
template <class Value>
double value_at(const std::vector<Keyframe>& keys, int frame, double fallback, Value value) {
  const Between found =
      between(keys, frame, [&](const Keyframe& key) { return value(key).has_value(); });
  if (!found.before && !found.after) return fallback;
  if (!found.before) return *value(*found.after);
  if (!found.after) return *value(*found.before);
  const double from = *value(*found.before), to = *value(*found.after);
  return from + found.part * (to - from);
}

}  // namespace

std::vector<LayerSpec> layers_to_visit(const Network& network) {
  std::vector<LayerSpec> looks, known, outputs, joints;
  for (const Look& look : network.looks)
    if (look.wander) looks.push_back({look.name, {}, 1});
  for (const std::string& name : network.good_layers) known.push_back({name, {}, 1});
  const std::vector<bool> computable = computable_layers(network.graph);
  for (std::size_t i = 0; i < computable.size(); ++i) {
    const Layer& layer = network.graph.layers[i];
    if (!computable[i]) continue;
    if (layer.name.ends_with("/output")) outputs.push_back({layer.name, {}, 1});
    if (std::holds_alternative<Concat>(layer.op)) joints.push_back({layer.name, {}, 1});
  }
  for (auto* layers : {&looks, &known, &outputs, &joints})
    if (layers->size() > 1) return std::move(*layers);
  return {{default_layer_of(network), {}, 1}};
}

Timeline::Timeline(const ZoomSettings& settings, std::vector<LayerSpec> stops, std::uint64_t seed,
                   std::int64_t width, std::int64_t height)
    : settings_(settings.timeline),
      camera_(settings.camera),
      stops_(std::move(stops)),
      seed_(seed),
      longer_(static_cast<double>(std::max(width, height))) {
  validate(settings);
  zoom_factor(camera_.zoom, longer_);
  for (const Keyframe& key : settings_.keyframes)
    if (key.zoom) zoom_factor(*key.zoom, longer_);
  plan_visits(settings.frames + settings.loop);
}

Timeline::Timeline(const VideoSettings& settings, std::vector<LayerSpec> stops, std::uint64_t seed)
    : settings_(settings.timeline), stops_(std::move(stops)), seed_(seed) {
  constexpr int any_length = 1'000'000;
  validate(settings);
  plan_visits(any_length);
}

// Chooses what is visited one after another: each time another stop than the last.
void Timeline::plan_visits(int frames) {
  const auto names_layers = [](const Keyframe& key) { return !key.layers.empty(); };
  const auto& keys = settings_.keyframes;
  if (std::any_of(keys.begin(), keys.end(), names_layers)) return;
  if (settings_.wander == 0 || stops_.size() < 2) return;
  const int visits = frames / settings_.wander + 2;
  for (int visit = 0; visit < visits; ++visit) {
    RandomStream draw =
        Random(seed_).at(RandomUse::wander, static_cast<std::uint32_t>(visit), 0, 0);
    const auto others = static_cast<int>(stops_.size()) - (visit == 0 ? 0 : 1);
    auto next = static_cast<std::size_t>(draw.uniform_int(0, others - 1));
    if (visit > 0 && next >= visits_.back()) ++next;
    visits_.push_back(next);
  }
}

const LayerSpec& Timeline::stop(int visit) const {
  return stops_[visits_[std::min(static_cast<std::size_t>(visit), visits_.size() - 1)]];
}

std::vector<LayerWeight> Timeline::wandered_to(int frame) const {
  const int visit = (frame - 1) / settings_.wander, stayed = (frame - 1) % settings_.wander;
  const int fade = std::min(settings_.fade, settings_.wander);
  if (visit == 0 || stayed >= fade) return {{{stop(visit)}, 1}};
  const double part = eased(Easing::smooth, (stayed + 1.0) / (fade + 1.0));
  return {{{stop(visit - 1)}, 1 - part}, {{stop(visit)}, part}};
}

std::vector<LayerWeight> Timeline::layers_at(int frame) const {
  if (!visits_.empty()) return wandered_to(frame);
  const Between found =
      between(settings_.keyframes, frame, [](const Keyframe& key) { return !key.layers.empty(); });
  if (!found.before && !found.after) return {{stops_, 1}};
  if (!found.before) return {{found.after->layers, 1}};
  if (!found.after || found.part == 0 || found.before->layers == found.after->layers)
    return {{found.before->layers, 1}};
  return {{found.before->layers, 1 - found.part}, {found.after->layers, found.part}};
}

std::vector<LayerWeight> Timeline::guided_at(int frame,
                                             const std::vector<LayerWeight>& layers) const {
  const Between found =
      between(settings_.keyframes, frame, [](const Keyframe& key) { return !key.guides.empty(); });
  std::vector<LayerWeight> guided;
  const auto add = [&](const Keyframe& key, double part) {
    for (const LayerWeight& layer : layers)
      guided.push_back({layer.layers, layer.weight * part, key.guides});
  };
  if (!found.before && !found.after) return layers;
  if (!found.before) {
    add(*found.after, 1);
  } else if (!found.after || found.part == 0 || found.before->guides == found.after->guides) {
    add(*found.before, 1);
  } else {
    add(*found.before, 1 - found.part);
    add(*found.after, found.part);
  }
  return guided;
}

FrameState Timeline::at(int frame) const {
  const std::vector<Keyframe>& keys = settings_.keyframes;
  FrameState state;
  // The middle between two speeds of a zoom is that of their logarithms
  state.move.zoom = std::exp(value_at(keys, frame, std::log(zoom_factor(camera_.zoom, longer_)),
                                      [this](const Keyframe& key) -> std::optional<double> {
                                        if (!key.zoom) return {};
                                        return std::log(zoom_factor(*key.zoom, longer_));
                                      }));
  state.move.turn =
      value_at(keys, frame, camera_.rotate, [](const Keyframe& key) { return key.rotate; });
  state.move.pan_x =
      value_at(keys, frame, camera_.pan_x, [](const Keyframe& key) { return key.pan_x; });
  state.move.pan_y =
      value_at(keys, frame, camera_.pan_y, [](const Keyframe& key) { return key.pan_y; });
  state.move.centre_x =
      value_at(keys, frame, camera_.centre_x, [](const Keyframe& key) { return key.centre_x; });
  state.move.centre_y =
      value_at(keys, frame, camera_.centre_y, [](const Keyframe& key) { return key.centre_y; });
  state.strength =
      value_at(keys, frame, settings_.strength, [](const Keyframe& key) { return key.strength; });
  state.layers = guided_at(frame, layers_at(frame));
  return state;
}

}  // namespace reverie
