// gif_palette.h: reduces each RGB frame to 256 colors, for GIF. Internal to codec/.
#pragma once

#include <functional>

#include "reverie/codec/video/filter_graph.h"

namespace reverie::ffmpeg {

// Computes a palette for each frame and dithers with it: FFmpeg's palettegen and paletteuse.
// Errors: CodecFailure where FFmpeg was built without them.
class PaletteFilter {
 public:
  // Frames are RGB24, or RGBA, whose transparent pixels stay transparent.
  PaletteFilter(int width, int height, AVPixelFormat form, AVRational time_base);

  // Takes a frame, or null at the end, and passes the PAL8 frames that come out to `next`.
  void run(AVFrame* rgb, const std::function<void(AVFrame&)>& next) { graph_.run(rgb, next); }

 private:
  FilterGraph graph_;
};

}  // namespace reverie::ffmpeg
