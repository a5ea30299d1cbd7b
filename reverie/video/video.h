// video.h: dreams a video: each frame continues the dream of the one before it, moved along with
// the motion.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"
#include "reverie/image/motion.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/video/frame_dreamer.h"

namespace REVERIE_API reverie {

// A frame depends only on itself, the source frame before it, that frame's dream, and its number,
// so a video can be interrupted and resumed at any frame. One caller at a time.
class Video {
 public:
  // Nothing is compiled yet. Errors: BadRecipe; as Timeline.
  Video(Network network, const Recipe& recipe, const VideoSettings& settings,
        Device device = Device::automatic, NoticeSink notices = {},
        std::shared_ptr<const RecipeFiles> files = files_on_disk(),
        std::size_t plan_memory = default_plan_memory);

  // Whether a motion explains so little that a new scene begins.
  bool is_cut(const Motion& motion) const { return motion.unexplained > settings_.scene_threshold; }

  // Dreams the first frame of a scene: `canvas` becomes its dream. `source` is [3,H,W] display
  // units, `frame` its number from 0. Errors: as Dreamer.
  void begin(ConstView source, int frame, const DreamControl& control, Tensor& canvas);

  // Dreams a frame that follows another: `canvas`, the dream of `before`, becomes that of `source`.
  // All of one size. Errors: as Dreamer.
  void go_on(ConstView before, ConstView source, const Motion& motion, int frame,
             const DreamControl& control, Tensor& canvas);

 private:
  // The recipe's mask at the size of a frame; empty without one.
  ConstView mask_for(ConstView source);
  void dream(ConstView source, int frame, int iterations, const DreamControl& control,
             Tensor& canvas);

  const Recipe recipe_;
  const VideoSettings settings_;
  FrameDreamer dreamer_;
  Timeline timeline_;
  Tensor moved_;         // [3,H,W]
  Tensor mask_picture_;  // [1,h,w], 0..255; empty without a mask
  Tensor mask_;          // [1,H,W], 0..1
};

}  // namespace reverie
