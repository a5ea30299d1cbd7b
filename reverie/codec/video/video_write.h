// video_write.h: a video in a file, from Frames. FFmpeg's libraries do the work and stay behind
// this header.
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
#include "reverie/codec/video/frame_time.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

// How pictures are coded; `automatic` is what is best known of a format.
enum class VideoCodec { automatic, h264, h265, vp9, av1 };

inline constexpr std::array<std::pair<const char*, VideoCodec>, 5> video_codec_names{
    {{"auto", VideoCodec::automatic},
     {"h264", VideoCodec::h264},
     {"h265", VideoCodec::h265},
     {"vp9", VideoCodec::vp9},
     {"av1", VideoCodec::av1}}};

// Another video whose sound, subtitles, chapters and words go along, packets unchanged.
struct RemuxSource {
  std::filesystem::path video;  // empty: none
  double from = 0;              // seconds of it that come before our first
};

struct VideoOptions {
  double fps = 30;   // frames a second, 0.01 to 1000; on average where frames have times
  TimeUnit unit;     // of the times of frames; none: frames follow each other at `fps`
  int quality = 90;  // 1..100; GIF has none
  VideoCodec codec = VideoCodec::automatic;
  int pixel_width = 1, pixel_height = 1;  // the form of a pixel
  RemuxSource remux;
  std::string recipe;  // JSON kept in the video's metadata, empty for none
  bool overwrite = false;
};

// Extensions (lower case, without the dot) of the videos that can be written: mp4, mov and mkv hold
// H.264 (MPEG-4 where this FFmpeg has no encoder for it) unless told otherwise, webm VP9, avi
// MPEG-4, gif its own palettes.
const std::vector<std::string>& video_extensions();

// Whether a path ends in one of them, in any case.
bool is_video_name(const std::filesystem::path& path);

// Throws what VideoWriter would throw for reasons known before the work begins: an unknown
// extension, a codec that the format does not take, an encoder that is missing, an existing output,
// a folder that is missing or not writable. Errors: CodecFailure, FileFailure.
void check_video_output(const std::filesystem::path& path, const VideoOptions& options);

// Writes one video. Its file lies beside `path` under another name until finish(); a writer that is
// destroyed before leaves nothing. One caller at a time.
class VideoWriter {
 public:
  // Frames are width x height px. Odd sizes grow by a repeated column or row where the codec wants
  // even ones. `notices` hears of that, and of what of a remuxed streams the format cannot take.
  // Errors: as check_video_output; CodecFailure; as VideoReader for the remuxed streams.
  VideoWriter(const std::filesystem::path& path, std::int64_t width, std::int64_t height,
              const VideoOptions& options, const NoticeSink& notices = {});
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  // Appends a frame; samples are rounded and clipped, alpha is left out. Errors: BadShape for
  // another size; CodecFailure; FileFailure (full disk).
  void add(const Image& frame);
  // The same at a time of its own, later than the last. Formats that count more coarsely round it.
  void add(const Image& frame, FrameTime time);

  // Ends the video and gives the file its name; a remuxed streams goes on to its own end, or `cut`,
  // as far as the pictures do. Errors: CodecFailure when it has no frame; FileFailure.
  void finish(bool cut = false);

  class Video;  // FFmpeg's half, internal

 private:
  std::unique_ptr<Video> film_;
};

}  // namespace reverie
