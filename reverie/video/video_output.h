// video_output.h: writes the file of a zoom or a video.
#pragma once

#include <filesystem>

#include "reverie/base/api.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/video/checkpoint.h"

namespace REVERIE_API reverie {

// Whether what a zoom needs to grow is kept beside it; `automatic`: where it is small.
enum class StateKeeping { automatic, yes, no };

// Where the result of a zoom or a video goes.
struct VideoTarget {
  std::filesystem::path output;  // a video, or the folder for the frames
  bool is_folder = false;
  VideoOptions form;              // quality, codec, recipe
  std::filesystem::path preview;  // a picture file rewritten with every fifth frame; empty: none
  StateKeeping keep_state = StateKeeping::automatic;  // of a zoom
};

// Writes a video beside its checkpoint, on the same disk as its output, until it is finished. One
// caller at a time.
class VideoOutput {
 public:
  // The checkpoint must outlive this. Errors: as VideoWriter.
  VideoOutput(const Checkpoint& checkpoint, const std::filesystem::path& output, std::int64_t width,
              std::int64_t height, VideoOptions options, const NoticeSink& notices);

  // Errors: as VideoWriter::add.
  void add(const Image& frame) { writer_.add(frame); }
  void add(const Image& frame, FrameTime time) { writer_.add(frame, time); }

  // Ends the video and renames it; see VideoWriter::finish. Errors: as that; FileFailure.
  void finish(bool cut = false);

 private:
  std::filesystem::path output_, unnamed_;
  VideoWriter writer_;
};

// Writes every fifth frame (`number` from 0) to the picture file `path`. Does nothing for an empty
// path. Errors: as write_image.
void show_preview(const std::filesystem::path& path, int number, const Image& frame);

}  // namespace reverie
