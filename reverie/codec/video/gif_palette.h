// video_palette.h: from RGB frames to 256 colors each, for GIF. Internal to codec/.
#pragma once

#include <functional>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Gives each frame the palette that suits it best, and dithers with it: FFmpeg's palettegen and
// paletteuse. Errors: CodecFailure where FFmpeg was built without them.
class PaletteFilter {
 public:
  PaletteFilter(int width, int height, AVRational time_base);

  // Sends an RGB24 frame, or null at the end, and hands on the PAL8 frames that come out.
  void run(AVFrame* rgb, const std::function<void(AVFrame*)>& next);

 private:
  Owner<AVFilterGraph> graph_;
  AVFilterContext* source_ = nullptr;  // owned by the graph
  AVFilterContext* sink_ = nullptr;
  Owner<AVFrame> coloured_;
};

}  // namespace reverie::ffmpeg
