// timeline.h: what a video does at each of its frames: the settings, the keyframes and the
// wandering taken together.
#pragma once

#include <cstdint>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/image/camera.h"
#include "reverie/model/network.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

// Layers that are ascended together, and their share of a frame's steps.
struct LayerWeight {
  std::vector<LayerSpec> layers;
  double weight = 1;
  std::vector<GuideSpec> guides = {};  // empty: the recipe's
};

// From frame k-1 to frame k.
struct FrameState {
  CameraMove move;
  double strength = 1;
  std::vector<LayerWeight> layers;  // one; two while one fades into the other, and guides likewise
};

// The layers of a network that are worth a visit: those that are known to be, else its blocks'
// outputs.
std::vector<LayerSpec> layers_to_visit(const Network& network);

class Timeline {
 public:
  // `stops` are what the dream wanders between, or stays at together when it does not. `width` and
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
