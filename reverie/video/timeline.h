// timeline.h: the state of a video at each frame, from its settings, keyframes and
// wandering.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/image/camera.h"
#include "reverie/model/network.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"
#include "reverie/video/sound/beat_curve.h"

namespace REVERIE_API reverie {

// Layers that are dreamed on together, and their fraction of a frame's steps.
struct LayerWeight {
  std::vector<LayerSpec> layers;
  double weight = 1;
  std::vector<GuideSpec> guides = {};  // empty: the recipe's
};

// From frame k-1 to frame k.
struct FrameState {
  Recipe recipe;    // as it is at this frame, but for its layers and guides
  CameraMove move;  // of a zoom
  double strength = 1;
  std::vector<LayerWeight> layers;  // one; two during a transition, also of guides
  // Of a video, see VideoSettings
  double temporal_blend = 0, scene_threshold = 1;
  int carried_iterations = 0;
};

// A frame and its time.
struct Moment {
  int frame = 0;            // from 1, as keyframes count
  double seconds = 0;       // in the new video
  double sound_offset = 0;  // s; the time of the sound that belongs to 0 s
};

// The layers to wander between by default: the network's good layers, else the outputs of its
// blocks.
std::vector<LayerSpec> layers_to_visit(const Network& network);

class Timeline {
 public:
  // `stops` are the layers that the dream wanders between, or all dreams on together. `width` and
  // `height` in px. Errors: BadRecipe, as validate() and zoom_factor(), for keyframes that come in
  // another order than their times, for settings that contradict each other at a keyframe or at a
  // beat, and where beats are wanted and `sound` has none. REQUIRES: a sound, where the settings
  // depend on one (depends_on_sound).
  Timeline(const ZoomSettings& settings, const Recipe& recipe, std::vector<LayerSpec> stops,
           std::int64_t width, std::int64_t height, const SoundAnalysis* sound = nullptr);
  // Of a video of any length, whose camera stands still. `fps`: on average.
  Timeline(const VideoSettings& settings, const Recipe& recipe, std::vector<LayerSpec> stops,
           double fps, const SoundAnalysis* sound = nullptr);

  // `frame` from 1. Any frame, in any order; those of a zoom or of a video of equally long frames.
  FrameState at(int frame) const;
  FrameState at(const Moment& moment) const;

 private:
  struct Between;
  template <class Says>
  Between between(const Moment& now, Says says) const;
  template <class Settings, class Describe>
  void animate(Settings& settings, const Moment& now, Describe describe) const;
  template <class T, class Domain>
  T mixed(const T& from, const T& to, double part, const Domain& domain) const;
  std::vector<LayerWeight> layers_at(const Moment& now) const;
  std::vector<LayerWeight> guided_at(const Moment& now,
                                     const std::vector<LayerWeight>& layers) const;
  std::vector<LayerWeight> wandered_to(int frame) const;
  const LayerSpec& stop(int visit) const;
  void plan_visits(int frames);
  void place_keyframes(const SoundAnalysis* sound);
  void listen(const SoundAnalysis* sound);
  FrameState state_at(const Moment& now, std::optional<double> level) const;
  template <class Settings, class Describe>
  void move_by_beat(Settings& settings, const std::vector<BeatSpec>& beats, const Moment& now,
                    std::optional<double> level, Describe describe_all) const;
  double level_of(const BeatSpec& spec, const Moment& now) const;
  void check_keyframes() const;
  Moment moment_of(const Keyframe& key) const;
  double time_of(int frame) const;
  const TimelineSettings& settings() const { return is_zoom_ ? zoom_.timeline : video_.timeline; }

  // Without keyframes
  Recipe recipe_;
  ZoomSettings zoom_;
  VideoSettings video_;
  bool is_zoom_;
  std::vector<Keyframe> keys_;  // at frames and seconds
  std::vector<LayerSpec> stops_;
  double longer_ = 1;  // px
  double fps_;
  std::vector<BeatCurve> curves_;    // of all beats, also those of keyframes
  std::vector<std::size_t> visits_;  // indices into stops_, as far as the video goes
};

}  // namespace reverie
