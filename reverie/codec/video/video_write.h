// video_write.h: Images to a video file, by FFmpeg's libraries, which no user of this header
// sees.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/codec/kinds.h"
#include "reverie/codec/video/frame_time.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

// The video codec; `automatic` is the format's usual one.
enum class VideoCodec { automatic, h264, h265, vp9, av1, prores, ffv1 };

inline constexpr std::array<std::pair<const char*, VideoCodec>, 7> video_codec_names{
    {{"auto", VideoCodec::automatic},
     {"h264", VideoCodec::h264},
     {"h265", VideoCodec::h265},
     {"vp9", VideoCodec::vp9},
     {"av1", VideoCodec::av1},
     {"prores", VideoCodec::prores},
     {"ffv1", VideoCodec::ffv1}}};

// Another video, or a file of sound, whose sound, subtitles, chapters and metadata are copied,
// packets unchanged where the format can hold them.
struct RemuxSource {
  std::filesystem::path video;  // empty: none
  double from = 0;              // seconds of it that come before the first frame
  SoundHandling sound = SoundHandling::automatic;
  bool only_sound = false;  // nothing else: no cover, no title; REQUIRES: the file has sound
};

struct VideoOptions {
  double fps = 30;   // frames a second, 0.01 to 1000; on average where frames have times
  TimeUnit unit;     // of the times of frames; none: frames follow each other at `fps`
  int quality = 90;  // 1..100; GIF has none
  VideoCodec codec = VideoCodec::automatic;
  int bits = 8;  // of each sample: 8, 10 (most codecs; ProRes in any case), 16 (FFV1)
  int pixel_width = 1, pixel_height = 1;  // pixel aspect ratio
  bool alpha = false;                     // frames may be transparent; REQUIRES: can_hold_alpha()
  RemuxSource remux;
  RemuxSource music;   // a second one, for sound that comes from a file of its own
  std::string recipe;  // JSON kept in the video's metadata, empty for none
  bool overwrite = false;
  std::filesystem::path shown_path;  // in messages; empty: the file's own
};

// Extensions (lower case, without the dot) of the videos that can be written: mp4, mov and mkv hold
// H.264 (MPEG-4 where this FFmpeg has no encoder for it) unless told otherwise, webm VP9, avi
// MPEG-4, gif a palette for each frame.
const std::vector<std::string>& video_extensions();

// Whether a path ends in one of them, in any case.
bool is_video_name(const std::filesystem::path& path);

// Whether a video of that name and codec can be transparent: .webm, .gif, .mov (as ProRes 4444),
// and .mkv in VP9. Errors: as check_video_output.
bool can_hold_alpha(const std::filesystem::path& path, VideoCodec codec);

// Throws what VideoWriter would throw for reasons known before the work begins: an unknown
// extension, a codec that the format does not take, an encoder that is missing or has not that
// depth, an existing output, a folder that is missing or not writable. Errors: CodecFailure,
// FileFailure.
void check_video_output(const std::filesystem::path& path, const VideoOptions& options);

// Writes one video. Until finish() its file has a temporary name beside `path`; a writer that is
// destroyed before that leaves nothing. One caller at a time.
class VideoWriter {
 public:
  // Frames are width x height px. Odd sizes grow by a repeated column or row where the codec needs
  // even ones. `notices` is told of that, and of remuxed streams that are converted or that the
  // format cannot hold: each is tried with FFmpeg's muxer before the file is begun.
  // Errors: as check_video_output; CodecFailure; as VideoReader for the remuxed streams.
  VideoWriter(const std::filesystem::path& path, std::int64_t width, std::int64_t height,
              const VideoOptions& options, const NoticeSink& notices = {});
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  // Appends a frame; samples are rounded and clipped, alpha is left out unless the options have it.
  // Errors: BadShape for another size; CodecFailure; FileFailure (full disk).
  void add(const Image& frame);
  // The same at a given time, later than the last. Formats with coarser times round it.
  void add(const Image& frame, FrameTime time);

  // Ends the video and gives the file its name. Remuxed streams go on to their own end, or with
  // `cut` end with the pictures. Errors: CodecFailure when it has no frame; FileFailure.
  void finish(bool cut = false);

  class Video;  // FFmpeg's half, internal

 private:
  std::unique_ptr<Video> video_;
};

}  // namespace reverie
