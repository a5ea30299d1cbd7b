// timeline.h: the state of a video at each frame, from its settings, keyframes and
// wandering.
#pragma once

#include <cstdint>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/image/camera.h"
#include "reverie/model/network.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

// Layers that are dreamed on together, and their fraction of a frame's steps.
struct LayerWeight {
  std::vector<LayerSpec> layers;
  double weight = 1;
  std::vector<GuideSpec> guides = {};  // empty: the recipe's
};

// From frame k-1 to frame k.
struct FrameState {
  CameraMove move;
  double strength = 1;
  std::vector<LayerWeight> layers;  // one; two during a transition, also of guides
};

// The layers to wander between by default: the network's good layers, else the outputs of its
// blocks.
std::vector<LayerSpec> layers_to_visit(const Network& network);

class Timeline {
 public:
  // `stops` are the layers that the dream wanders between, or all dreams on together. `width` and
  // `height` in px; the seed is the recipe's. Errors: BadRecipe, as validate() and zoom_factor().
  Timeline(const ZoomSettings& settings, std::vector<LayerSpec> stops, std::uint64_t seed,
           std::int64_t width, std::int64_t height);
  // Of a video of any length, whose camera stands still.
  Timeline(const VideoSettings& settings, std::vector<LayerSpec> stops, std::uint64_t seed);

  // `frame` from 1. Any frame, in any order.
  FrameState at(int frame) const;

 private:
  std::vector<LayerWeight> layers_at(int frame) const;
  std::vector<LayerWeight> guided_at(int frame, const std::vector<LayerWeight>& layers) const;
  std::vector<LayerWeight> wandered_to(int frame) const;
  const LayerSpec& stop(int visit) const;
  void plan_visits(int frames);

  TimelineSettings settings_;
  CameraSettings camera_;
  std::vector<LayerSpec> stops_;
  std::uint64_t seed_;
  double longer_ = 1;                // px
  std::vector<std::size_t> visits_;  // indices into stops_, as far as the video goes
};

}  // namespace reverie
