// loop_end.h: how the last frames of a loop turn into its first while they are dreamed.
#pragma once

#include <vector>

#include "reverie/recipe/zoom_settings.h"
#include "reverie/tensor/tensor.h"
#include "reverie/video/timeline.h"

namespace reverie {

// A loop is seamless when the frame after its last one is the first: so the first frame, seen from
// where the camera is `n` frames earlier, is what the canvas has to become. It becomes it scale by
// scale, the largest shapes first. Each scale takes only a part of the way, so no two pictures
// lie over each other; between, the dream goes on and draws its own shapes upon what is there.
// One caller at a time.
class LoopEnd {
 public:
  // `first` is [3,H,W] and must outlive this.
  LoopEnd(ConstView first, const ZoomSettings& settings, const Timeline& timeline);

  // Draws the dreamed canvas of a frame nearer to the first one. Does nothing before the last
  // `loop` frames, and in loops that dissolve. `clip`: to 0..255.
  void draw_near(Tensor& canvas, int frame, bool clip) const;

  // The first frame as the camera sees it at `frame`: mirrored beyond its edges.
  Tensor target(int frame) const;

 private:
  // Where a pixel of an earlier frame is in the first: [a b; -b a] (x, y) + (x0, y0), in px.
  struct Place {
    double a = 1, b = 0, x0 = 0, y0 = 0;
  };
  Place before(const Place& later, const CameraMove& move) const;
  double left(double done, std::size_t scale) const;

  ConstView first_;
  int begin_ = 0;               // of the last frames
  std::vector<Place> places_;   // of each of them
  std::vector<Tensor> halves_;  // the first frame at half the size, a quarter...
  std::size_t scales_ = 0;      // in which the canvas becomes it; the last is the coarsest
};

}  // namespace reverie
