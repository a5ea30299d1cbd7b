// video_plugin.h: the interface to the code that uses FFmpeg, which is in libreverie-video (see
// base/plugin.h). Internal to codec/.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reverie/base/api.h"
#include "reverie/codec/video/sound_read.h"
#include "reverie/codec/video/video_join.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"

namespace REVERIE_PRIVATE_API reverie {

class VideoWriter::Video {
 public:
  virtual ~Video() = default;
  virtual void add(const Image& frame) = 0;
  virtual void add(const Image& frame, FrameTime time) = 0;
  virtual void finish(bool cut) = 0;
};

class VideoReader::Video {
 public:
  virtual ~Video() = default;
  virtual const VideoInfo& info() const = 0;
  virtual bool skip() = 0;
  virtual void convert(Image& frame) = 0;
  virtual FrameTime time() const = 0;
  virtual std::int64_t skipped() const = 0;

  bool next(Image& frame) {
    if (!skip()) return false;
    convert(frame);
    return true;
  }
};

namespace ffmpeg {

// Errors: CodecFailure when the format does not take the codec, or this FFmpeg has no encoder of
// that depth.
void check_encoder(const std::filesystem::path& path, const VideoOptions& options);

bool can_hold_alpha(const std::filesystem::path& path, VideoCodec codec);

std::unique_ptr<VideoWriter::Video> write_video(const std::filesystem::path& path,
                                                std::int64_t width, std::int64_t height,
                                                const VideoOptions& options,
                                                const NoticeSink& notices);
std::unique_ptr<VideoReader::Video> read_video(const std::filesystem::path& path,
                                               const NoticeSink& notices,
                                               const VideoReaderOptions& options);
std::string read_recipe(const std::filesystem::path& path);
std::int64_t count_pictures(const std::filesystem::path& video);
std::string checksum_of(const VideoPart& part);
void join_videos(const std::filesystem::path& path, const std::vector<VideoPart>& parts,
                 const VideoOptions& options, const NoticeSink& notices);
SoundLength read_sound(const std::filesystem::path& path, const SampleSink& take,
                       const NoticeSink& notices);
double stated_sound_length(const std::filesystem::path& path);

}  // namespace ffmpeg

struct VideoPlugin {
  decltype(ffmpeg::check_encoder)* check_encoder;
  decltype(ffmpeg::can_hold_alpha)* can_hold_alpha;
  decltype(ffmpeg::write_video)* write_video;
  decltype(ffmpeg::read_video)* read_video;
  decltype(ffmpeg::read_recipe)* read_recipe;
  decltype(ffmpeg::count_pictures)* count_pictures;
  decltype(ffmpeg::checksum_of)* checksum_of;
  decltype(ffmpeg::join_videos)* join_videos;
  decltype(ffmpeg::read_sound)* read_sound;
  decltype(ffmpeg::stated_sound_length)* stated_sound_length;
};

extern "C" [[gnu::weak]] const VideoPlugin* reverie_video_module();

}  // namespace reverie
