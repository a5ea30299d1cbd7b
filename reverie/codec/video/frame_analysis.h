// frame_analysis.h: what some frames of a video tell about all of them. Internal to codec/.
#pragma once

#include <filesystem>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

struct FrameTraits {
  bool alpha = false;       // some pixels are transparent
  bool interlaced = false;  // a frame shows two moments
  bool marked = false;      // interlaced frames are marked as such
  bool top_first = true;    // which of the two comes first
  bool telecined = false;   // interlaced out of 24 progressive frames a second: 3:2 pulldown
};

// Decodes some frames at the beginning, after a third and after two thirds. Marks alone do not
// tell: progressive frames are often marked as interlaced, and recorders forget to mark those that
// are. Errors: as open_video.
FrameTraits analyse_frames(const std::filesystem::path& path, bool with_fields);

// Whether FFmpeg marks it as interlaced.
bool is_marked_interlaced(const AVFrame& frame);

}  // namespace reverie::ffmpeg
