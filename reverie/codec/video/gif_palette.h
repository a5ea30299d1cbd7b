// gif_palette.h: reduces each RGB frame to 256 colors, for GIF. Internal to codec/.
#pragma once

#include <functional>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Computes a palette for each frame and dithers with it: FFmpeg's palettegen and paletteuse.
// Errors: CodecFailure where FFmpeg was built without them.
class PaletteFilter {
 public:
  PaletteFilter(int width, int height, AVRational time_base);

  // Takes an RGB24 frame, or null at the end, and passes the PAL8 frames that come out to `next`.
  void run(AVFrame* rgb, const std::function<void(AVFrame*)>& next);

 private:
  Owner<AVFilterGraph> graph_;
  AVFilterContext* source_ = nullptr;  // owned by the graph
  AVFilterContext* sink_ = nullptr;
  Owner<AVFrame> coloured_;
};

}  // namespace reverie::ffmpeg
