// zoom.h: the endless zoom: each frame is the last one seen from a little nearer, and dreamed on.
#pragma once

#include <memory>

#include "reverie/base/api.h"
#include "reverie/image/tone.h"
#include "reverie/video/frame_dreamer.h"

namespace REVERIE_API reverie {

// One video of one picture. Image 0 is the picture; a frame depends on nothing but the one before
// it and its number, so a video can be left at any frame and gone on with. One caller at a time.
class Zoom {
 public:
  // Nothing is compiled yet; layers are resolved when they are first dreamed on. Errors: BadRecipe;
  // as Timeline and sized_for_dream.
  Zoom(Network network, const Recipe& recipe, const ZoomSettings& settings, const Image& source,
       Device device = Device::automatic, NoticeSink notices = {},
       std::shared_ptr<const RecipeFiles> files = files_on_disk(),
       std::size_t plan_memory = default_plan_memory);

  // [3,H,W] display units, at the recipe's size.
  ConstView first() const { return first_; }

  // Overwrites the canvas of frame `frame`-1 with that of `frame`, from 1. What is no whole frame
  // is left out of `control`: a frame cannot be cancelled. Errors: as Dreamer.
  void advance(Tensor& canvas, int frame, DreamControl control);

 private:
  const Recipe recipe_;
  FrameDreamer dreamer_;
  Tensor first_;
  Tone tone_;  // of the first frame
  std::unique_ptr<Timeline> timeline_;
};

// Where a loop's frame `frame` (0-based) fades from: the weight of frame `frames` + `frame`, which
// goes on where the video ends; 0 past the first `loop` frames.
double loop_weight(const ZoomSettings& settings, int frame);

}  // namespace reverie
