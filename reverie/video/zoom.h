// zoom.h: the endless zoom: each frame is the last one after a small camera move, dreamed again.
#pragma once

#include <memory>

#include "reverie/base/api.h"
#include "reverie/image/tone.h"
#include "reverie/video/frame_dreamer.h"

namespace REVERIE_API reverie {

class LoopEnd;

// One zoom of one picture. Frame 0 is the picture. A frame depends only on the one before it and
// its number (in a loop's last frames also on how many are left), so a zoom can be interrupted and
// resumed at any frame. One caller at a time.
class Zoom {
 public:
  // Nothing is compiled yet; layers are resolved when they are first dreamed on. `sound`: see
  // Timeline. Errors: BadRecipe; as Timeline and sized_for_dream.
  Zoom(Network network, const Recipe& recipe, const ZoomSettings& settings, const Image& source,
       Device device = Device::automatic, NoticeSink notices = {},
       std::shared_ptr<const RecipeFiles> files = files_on_disk(),
       std::size_t plan_memory = default_plan_memory, const SoundAnalysis* sound = nullptr);
  ~Zoom();

  // [3,H,W] display units, at the recipe's size.
  ConstView first() const { return first_; }

  // Overwrites the canvas of frame `frame`-1 with that of `frame`, from 1. A frame cannot be
  // cancelled: only parts of `control` that concern whole frames are used. Errors: as Dreamer.
  void advance(Tensor& canvas, int frame, DreamControl control);

 private:
  FrameDreamer dreamer_;
  Tensor first_;
  Tone tone_;  // of the first frame
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<LoopEnd> end_;
};

// The weight of frame `frames` + `frame`, which continues the end of the video, in frame `frame`
// (0-based) of a loop that dissolves; 0 after the first `loop` frames.
double dissolve_weight(const ZoomSettings& settings, int frame);

}  // namespace reverie
