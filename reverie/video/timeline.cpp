#include "reverie/video/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/base/text.h"
#include "reverie/graph/network_end.h"
#include "reverie/recipe/key_values.h"

namespace reverie {
namespace {

constexpr int any_length = 1'000'000;
constexpr double usual_fps = 30;
constexpr double slack = 1e-6;  // s; a time on a keyframe is not before it

bool is_at_a_frame(const Keyframe& key) { return key.when.unit == KeyTime::Unit::frames; }

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

Timeline::Timeline(const ZoomSettings& settings, const Recipe& recipe, std::vector<LayerSpec> stops,
                   std::int64_t width, std::int64_t height, const SoundAnalysis* sound)
    : recipe_(recipe),
      zoom_((validate(settings), settings)),
      is_zoom_(true),
      keys_(settings.timeline.keyframes),
      stops_(std::move(stops)),
      longer_(static_cast<double>(std::max(width, height))),
      fps_(settings.fps) {
  zoom_.timeline.keyframes.clear();
  plan_visits(settings.frames > 0 ? frames_to_dream(settings) : any_length);
  place_keyframes(sound);
  listen(sound);
  check_keyframes();
}

Timeline::Timeline(const VideoSettings& settings, const Recipe& recipe,
                   std::vector<LayerSpec> stops, double fps, const SoundAnalysis* sound)
    : recipe_(recipe),
      video_((validate(settings), settings)),
      is_zoom_(false),
      keys_(settings.timeline.keyframes),
      stops_(std::move(stops)),
      fps_(fps > 0 ? fps : usual_fps) {
  video_.timeline.keyframes.clear();
  plan_visits(any_length);
  place_keyframes(sound);
  listen(sound);
  check_keyframes();
}

// The first frame of a video has the number 1, that of a zoom, its picture, 0.
double Timeline::time_of(int frame) const { return (is_zoom_ ? frame : frame - 1) / fps_; }

Moment Timeline::moment_of(const Keyframe& key) const {
  if (is_at_a_frame(key)) {
    const int frame = static_cast<int>(key.when.value);
    return {frame, time_of(frame)};
  }
  constexpr double last_frame = 1e9;
  const double frame = key.when.value * fps_ + (is_zoom_ ? 0 : 1);
  return {static_cast<int>(std::ceil(std::min(frame, last_frame) - slack)), key.when.value};
}

// Gives keyframes in beats their seconds. Errors: BadRecipe.
void Timeline::place_keyframes(const SoundAnalysis* sound) {
  constexpr double seconds_a_minute = 60;
  // A video's own sound begins with its source
  const double offset = is_zoom_ || !settings().sound.file.empty() ? 0 : video_.start;
  const std::vector<Keyframe> named = keys_;
  for (Keyframe& key : keys_) {
    if (key.when.unit != KeyTime::Unit::beats) continue;
    double seconds = 0;
    if (settings().tempo > 0)
      seconds = key.when.value * seconds_a_minute / settings().tempo;
    else if (sound != nullptr && sound->beats().size() > 1)
      seconds = sound->time_of_beat(key.when.value) - offset;
    else
      throw BadRecipe(fmt::format(
          "timeline: the time of '{}' is not known, because no beat was found in the sound; give "
          "--tempo, in beats per minute",
          to_string(key.when)));
    key.when = {seconds, KeyTime::Unit::seconds};
  }
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    const double before = moment_of(keys_[i - 1]).seconds, here = moment_of(keys_[i]).seconds;
    if (here <= before)
      throw BadRecipe(
          fmt::format("timeline: {} ({:.2f} s) after {} ({:.2f} s), expected rising times",
                      to_string(named[i].when), here, to_string(named[i - 1].when), before));
  }
}

// Errors: BadRecipe.
void Timeline::listen(const SoundAnalysis* sound) {
  std::vector<BeatSpec> all = settings().beats;
  for (const Keyframe& key : keys_)
    if (const auto found = key.values.find("beat"); found != key.values.end()) {
      const auto& beats = std::get<std::vector<BeatSpec>>(found->second);
      all.insert(all.end(), beats.begin(), beats.end());
    }
  for (const BeatSpec& spec : all) {
    const bool needs_beats = spec.source == BeatSource::beats && settings().tempo == 0;
    if (needs_beats && (sound == nullptr || sound->beats().empty()))
      throw BadRecipe(fmt::format(
          "beat '{}': no beat was found in the sound; give --tempo, in beats per minute",
          to_string(spec)));
    curves_.emplace_back(spec, settings().tempo, sound);
  }
}

// Settings that are fine by themselves may contradict each other at a keyframe or next to it, or
// while a sound moves them. Errors: BadRecipe.
void Timeline::check_keyframes() const {
  if (is_zoom_) zoom_factor(zoom_.camera.zoom, longer_);
  std::vector<int> frames{1};
  for (const Keyframe& key : keys_) {
    if (const auto zoom = key.values.find("zoom"); zoom != key.values.end())
      zoom_factor(std::get<ZoomStep>(zoom->second), longer_);
    const int frame = moment_of(key).frame;
    frames.insert(frames.end(), {frame - 1, frame, frame + 1});
  }
  for (const int frame : frames)
    for (const double level : {0.0, 0.5, 1.0}) try {
        if (frame > 0) validate(state_at({frame, time_of(frame)}, level).recipe);
      } catch (const BadRecipe& error) {
        throw BadRecipe(fmt::format("timeline: at frame {}: {}", frame, error.what()));
      }
}

// The keyframes around a moment that say something, and how far it is from the first to the second.
struct Timeline::Between {
  const Keyframe* before = nullptr;
  const Keyframe* after = nullptr;
  double part = 0;  // 0..1, eased
};

template <class Says>
Timeline::Between Timeline::between(const Moment& now, Says says) const {
  Between found;
  for (const Keyframe& key : keys_) {
    if (!says(key)) continue;
    const bool is_over =
        is_at_a_frame(key) ? key.when.value <= now.frame : key.when.value <= now.seconds + slack;
    (is_over ? found.before : found.after) = &key;
    if (!is_over) break;
  }
  if (!found.before || !found.after) return found;
  // Frames of a video may be unequally long
  const bool by_frames = is_at_a_frame(*found.before) && is_at_a_frame(*found.after);
  const double here = by_frames ? now.frame : now.seconds;
  const double from = by_frames ? found.before->when.value : moment_of(*found.before).seconds;
  const double to = by_frames ? found.after->when.value : moment_of(*found.after).seconds;
  found.part = eased(found.before->easing, std::clamp((here - from) / (to - from), 0.0, 1.0));
  return found;
}

// Numbers go from one to the other; whole ones, names and lists jump at the second keyframe.
template <class T, class Domain>
T Timeline::mixed(const T& from, const T& to, double part, const Domain&) const {
  if constexpr (std::is_floating_point_v<T>) {
    return from + part * (to - from);
  } else if constexpr (std::is_same_v<T, ZoomStep>) {
    // The middle between two speeds of a zoom is that of their logarithms
    const double first = std::log(zoom_factor(from, longer_));
    const double last = std::log(zoom_factor(to, longer_));
    return {std::exp(first + part * (last - first)), ZoomStep::Unit::factor};
  } else {
    return part < 1 ? from : to;
  }
}

// Gives each animatable setting its value at that moment: between its keyframes, at the nearest
// one, or as it is without any.
template <class Settings, class Describe>
void Timeline::animate(Settings& settings, const Moment& now, Describe describe_all) const {
  const auto animate_one = [&](auto& value, const Label& label, const auto& domain) {
    if (!label.animatable) return;
    const Between found =
        between(now, [&](const Keyframe& key) { return key.values.contains(label.name); });
    const auto read = [&](const Keyframe& key) {
      std::decay_t<decltype(value)> there = value;
      key_values::from_key(key.values.find(label.name)->second, there, domain);
      return there;
    };
    if (found.before && found.after)
      value = mixed(read(*found.before), read(*found.after), found.part, domain);
    else if (found.before || found.after)
      value = read(found.before ? *found.before : *found.after);
  };
  describe_all(settings, animate_one);
}

// Chooses what is visited one after another: each time another stop than the last.
void Timeline::plan_visits(int frames) {
  const auto names_layers = [](const Keyframe& key) { return !key.layers().empty(); };
  if (std::any_of(keys_.begin(), keys_.end(), names_layers)) return;
  if (settings().wander == 0 || stops_.size() < 2) return;
  const int visits = frames / settings().wander + 2;
  for (int visit = 0; visit < visits; ++visit) {
    RandomStream draw =
        Random(recipe_.seed).at(RandomUse::wander, static_cast<std::uint32_t>(visit), 0, 0);
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
  const int wander = settings().wander;
  const int visit = (frame - 1) / wander, stayed = (frame - 1) % wander;
  const int fade = std::min(settings().fade, wander);
  if (visit == 0 || stayed >= fade) return {{{stop(visit)}, 1}};
  const double part = eased(Easing::smooth, (stayed + 1.0) / (fade + 1.0));
  return {{{stop(visit - 1)}, 1 - part}, {{stop(visit)}, part}};
}

std::vector<LayerWeight> Timeline::layers_at(const Moment& now) const {
  if (!visits_.empty()) return wandered_to(now.frame);
  const Between found = between(now, [](const Keyframe& key) { return !key.layers().empty(); });
  if (!found.before && !found.after) return {{stops_, 1}};
  if (!found.before) return {{found.after->layers(), 1}};
  if (!found.after || found.part == 0 || found.before->layers() == found.after->layers())
    return {{found.before->layers(), 1}};
  return {{found.before->layers(), 1 - found.part}, {found.after->layers(), found.part}};
}

std::vector<LayerWeight> Timeline::guided_at(const Moment& now,
                                             const std::vector<LayerWeight>& layers) const {
  const Between found = between(now, [](const Keyframe& key) { return !key.guides().empty(); });
  std::vector<LayerWeight> guided;
  const auto add = [&](const Keyframe& key, double part) {
    for (const LayerWeight& layer : layers)
      guided.push_back({layer.layers, layer.weight * part, key.guides()});
  };
  if (!found.before && !found.after) return layers;
  if (!found.before) {
    add(*found.after, 1);
  } else if (!found.after || found.part == 0 || found.before->guides() == found.after->guides()) {
    add(*found.before, 1);
  } else {
    add(*found.before, 1 - found.part);
    add(*found.after, found.part);
  }
  return guided;
}

FrameState Timeline::at(int frame) const { return at(Moment{frame, time_of(frame)}); }

double Timeline::level_of(const BeatSpec& spec, const Moment& now) const {
  const double half = 0.5 / fps_, at = now.seconds + now.sound_offset;
  for (const BeatCurve& curve : curves_)
    if (curve.spec() == spec) return curve.level(at - half, at + half);
  return 0;
}

// Gives the settings that the sound moves their value: `level` of the way from low to high, or as
// the sound has it.
template <class Settings, class Describe>
void Timeline::move_by_beat(Settings& settings, const std::vector<BeatSpec>& beats,
                            const Moment& now, std::optional<double> level,
                            Describe describe_all) const {
  for (const BeatSpec& spec : beats) {
    const auto move_one = [&](auto& value, const Label& label, const auto& domain) {
      if (label.name != spec.setting) return;
      using T = std::decay_t<decltype(value)>;
      using Domain = std::decay_t<decltype(domain)>;
      const double part = level ? *level : level_of(spec, now);
      if constexpr (std::is_same_v<Domain, ZoomText>) {
        value = mixed(parse_zoom_step(spec.low), parse_zoom_step(spec.high), part, domain);
      } else if constexpr (std::is_same_v<Domain, Range<T>>) {
        const double low = read_number<double>(spec.low).value_or(0);
        const double moved = low + part * (read_number<double>(spec.high).value_or(0) - low);
        value = static_cast<T>(std::is_integral_v<T> ? std::round(moved) : moved);
      }
    };
    describe_all(settings, move_one);
  }
}

FrameState Timeline::at(const Moment& now) const { return state_at(now, {}); }

FrameState Timeline::state_at(const Moment& now, std::optional<double> level) const {
  const auto in_recipe = [](Recipe& r, auto field) { describe(r, field); };
  const auto in_zoom = [](ZoomSettings& z, auto field) { describe_zoom(z, field); };
  const auto in_video = [](VideoSettings& v, auto field) { describe_video(v, field); };
  FrameState state;
  state.recipe = recipe_;
  animate(state.recipe, now, in_recipe);
  std::vector<BeatSpec> beats;
  if (is_zoom_) {
    ZoomSettings zoom = zoom_;
    animate(zoom, now, in_zoom);
    beats = zoom.timeline.beats;
    move_by_beat(zoom, beats, now, level, in_zoom);
    const CameraSettings& camera = zoom.camera;
    state.move = {zoom_factor(camera.zoom, longer_),
                  camera.rotate,
                  camera.pan_x,
                  camera.pan_y,
                  camera.centre_x,
                  camera.centre_y};
    state.strength = zoom.timeline.strength;
  } else {
    VideoSettings video = video_;
    animate(video, now, in_video);
    beats = video.timeline.beats;
    move_by_beat(video, beats, now, level, in_video);
    state.temporal_blend = video.temporal_blend;
    state.carried_iterations = video.carried_iterations;
    state.scene_threshold = video.scene_threshold;
    state.strength = video.timeline.strength;
  }
  move_by_beat(state.recipe, beats, now, level, in_recipe);
  state.layers = guided_at(now, layers_at(now));
  return state;
}

}  // namespace reverie
