// video_read.h: video files to Images, by FFmpeg's libraries, which no user of this header
// sees.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/codec/kinds.h"
#include "reverie/codec/video/frame_time.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

// What is known of a video before its frames are read.
struct VideoInfo {
  std::int64_t width = 0, height = 0;     // px, upright
  double fps = 0;                         // on average; 0 where the video does not say
  double seconds = 0;                     // of the pictures; 0: unknown
  std::int64_t frames = 0;                // as the video claims or its length suggests; 0: unknown
  TimeUnit unit;                          // of its frames' times
  int pixel_width = 1, pixel_height = 1;  // pixel aspect ratio, upright
  bool alpha = false;                     // whether some of its first frames are transparent
};

struct VideoReaderOptions {
  // Telecined films have fewer frames then: four of five, in a unit of their own.
  Deinterlacing deinterlacing = Deinterlacing::no;
  bool keep_alpha = false;          // where the video has some; else frames are opaque
  std::array<int, 3> background{};  // behind transparent parts of opaque frames; RGB, 0..255
  double sequence_fps = 0;          // of pictures in files of their own; 0: 30
};

// Reads the frames of a video's first picture stream, or pictures in files of their own (see
// is_picture_sequence), one after the other, upright, from any pixel
// format, as sRGB; HDR and wide colors are converted, and frames deinterlaced, with a notice. A
// frame of another size than the first is resized to that. Time stamps that jump, as those of
// joined clips do, are put right. One caller at a time.
class VideoReader {
 public:
  // Errors: FileFailure when it cannot be opened; BadImage when it is not a video, or has no
  // pictures, or pictures of several sizes; CodecFailure when nothing can decode it.
  explicit VideoReader(const std::filesystem::path& path, const NoticeSink& notices = {},
                       const VideoReaderOptions& options = {});
  ~VideoReader();
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;

  const VideoInfo& info() const;
  std::int64_t width() const { return info().width; }
  std::int64_t height() const { return info().height; }
  double fps() const { return info().fps; }

  // Overwrites `frame` with the next one, RGB; false at the end. Packets that cannot be
  // decoded are skipped and counted.
  bool next(Image& frame);
  // skip() decodes the next frame without converting it, for going forward quickly; convert()
  // converts the frame that was reached. REQUIRES: skip() was true.
  bool skip();
  void convert(Image& frame);

  // Of the last frame, from the beginning of the video's first stream (even if that is sound);
  // times rise from frame to frame.
  FrameTime time() const;
  double seconds() const;
  std::int64_t skipped_packets() const;

  class Video;  // FFmpeg's half, internal

 private:
  std::unique_ptr<Video> video_;
};

// Whether a file's name says that it is a video, by its extension in any case: more than can be
// written.
bool is_named_as_video(const std::filesystem::path& path);

// The recipe kept in a video's metadata, JSON; empty when there is none. Errors: as VideoReader.
std::string read_video_recipe(const std::filesystem::path& path);

}  // namespace reverie
