// video.h: dreams a video: each frame continues the dream of the one before it, moved along with
// the motion.
#pragma once

#include <cstdint>
#include <optional>

#include "reverie/base/api.h"
#include "reverie/image/motion.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/video/frame_dreamer.h"

namespace REVERIE_API reverie {

// A frame depends only on itself, the source frame before it, that frame's dream, and its number,
// so a video can be interrupted and resumed at any frame. One caller at a time.
class Video {
 public:
  // Nothing is compiled yet. `fps`: of the source, on average; 0: not known. `sound`: see Timeline.
  // Errors: BadRecipe; as Timeline.
  Video(Network network, const Recipe& recipe, const VideoSettings& settings,
        Device device = Device::automatic, NoticeSink notices = {},
        std::shared_ptr<const RecipeFiles> files = files_on_disk(),
        std::size_t plan_memory = default_plan_memory, double fps = 0,
        const SoundAnalysis* sound = nullptr);

  // From now on `frame`, a number from 0, is the frame at work. Its time is that of frames of equal
  // length unless it is stated, in seconds. `sound_offset`: see Moment.
  void go_to(int frame, std::optional<double> seconds = {}, double sound_offset = 0);

  // Whether the motion to the frame at work explains so little that a new scene begins.
  bool is_cut(const Motion& motion) const { return motion.unexplained > state_.scene_threshold; }

  // Dreams the first frame of a scene: `canvas` becomes its dream. `source` is [3,H,W] display
  // units. REQUIRES: go_to(). Errors: as Dreamer.
  void begin(ConstView source, const DreamControl& control, Tensor& canvas);

  // Dreams a frame that follows another: `canvas`, the dream of `before`, becomes that of `source`.
  // All of one size. REQUIRES: go_to(). Errors: as Dreamer.
  void go_on(ConstView before, ConstView source, const Motion& motion, const DreamControl& control,
             Tensor& canvas);

 private:
  ConstView mask_for(ConstView source);
  void dream(ConstView source, int iterations, const DreamControl& control, Tensor& canvas);

  const Recipe recipe_;
  const VideoSettings settings_;
  FrameDreamer dreamer_;
  Timeline timeline_;
  RecipeMask mask_;
  int frame_ = 0;     // at work
  FrameState state_;  // at that
  Tensor moved_;      // [3,H,W]
};

}  // namespace reverie
