// video_source.h: the frames of a video to dream, each with the motion since the last
// one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/image/motion.h"
#include "reverie/recipe/video_settings.h"

namespace REVERIE_API reverie {

struct VideoFrame {
  int number = 0;  // from 0, among the dreamed ones
  FrameTime time;  // in the video's unit
  // [3,H,W] at the recipe's size; null where not requested
  std::shared_ptr<const Tensor> picture, before;
  std::shared_ptr<const Tensor> alpha;  // [1,H,W], 0..255; null where it is opaque
  Motion motion;                        // from `before`, if both exist
};

// Reads a video from --start to --end. One caller at a time.
class VideoSource {
 public:
  // `size` is the recipe's; `keep_alpha`: whether transparent videos stay so. Errors: as
  // VideoReader.
  VideoSource(const std::filesystem::path& video, const VideoSettings& settings,
              std::optional<WantedSize> size, const NoticeSink& notices, bool keep_alpha = false);

  const VideoInfo& info() const { return reader_.info(); }
  // The number of frames that the video claims to have; 0: unknown.
  int expected() const;
  // The time before the first frame, in seconds, once that was read; 0 at the beginning.
  double offset() const { return info().unit.seconds(offset_); }
  std::int64_t skipped_packets() const { return reader_.skipped_packets(); }

  // Frames before `first` are read for their times only: no picture, no motion.
  void want_pictures_from(int first) { first_picture_ = first; }

  // False at the end. Errors: CodecFailure; OutOfMemory.
  bool next(VideoFrame& frame);

 private:
  bool find_frame(bool with_picture);

  VideoReader reader_;
  const VideoSettings settings_;
  const std::optional<WantedSize> size_;
  MotionFinder finder_;
  Image frame_;
  std::shared_ptr<const Tensor> last_;
  std::int64_t offset_ = 0;  // in the video's unit
  int number_ = 0, first_picture_ = 0;
};

}  // namespace reverie
