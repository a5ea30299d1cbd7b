#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/pixel_conversion.h"
#include "reverie/codec/video/video_open.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::Owner;

// A cover of a song is a picture stream, too, and no video.
AVStream* find_pictures(AVFormatContext& video) {
  for (unsigned i = 0; i < video.nb_streams; ++i)
    if ((video.streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
      video.streams[i]->discard = AVDISCARD_ALL;
  const int index = av_find_best_stream(&video, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0 || video.streams[index]->discard == AVDISCARD_ALL) return nullptr;
  for (unsigned i = 0; i < video.nb_streams; ++i)
    if (static_cast<int>(i) != index) video.streams[i]->discard = AVDISCARD_ALL;
  return video.streams[index];
}

VideoInfo info_of(AVFormatContext& video, AVStream& stream) {
  VideoInfo info;
  const bool lies = ffmpeg::quarter_turns_of(stream) % 2 == 1;
  info.width = lies ? stream.codecpar->height : stream.codecpar->width;
  info.height = lies ? stream.codecpar->width : stream.codecpar->height;
  info.fps = av_q2d(stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate);
  if (!std::isfinite(info.fps)) info.fps = 0;
  info.unit = {stream.time_base.num, stream.time_base.den};
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0)
    info.seconds = info.unit.seconds(stream.duration);
  else if (video.duration != AV_NOPTS_VALUE && video.duration > 0)
    info.seconds = static_cast<double>(video.duration) / AV_TIME_BASE;
  info.frames = stream.nb_frames > 0 ? stream.nb_frames : std::llround(info.seconds * info.fps);
  const AVRational pixel = av_guess_sample_aspect_ratio(&video, &stream, nullptr);
  if (pixel.num > 0 && pixel.den > 0) {
    info.pixel_width = lies ? pixel.den : pixel.num;
    info.pixel_height = lies ? pixel.num : pixel.den;
  }
  return info;
}

}  // namespace

ffmpeg::InputOwner ffmpeg::open_video(const fs::path& path) {
  ffmpeg::hush();
  AVFormatContext* video = nullptr;
  // "file:" keeps names with a colon from being taken for addresses
  const std::string url = "file:" + path.string();
  if (const int code = avformat_open_input(&video, url.c_str(), nullptr, nullptr); code < 0) {
    if (code == AVERROR_INVALIDDATA)
      throw BadImage(
          fmt::format("'{}' is not a video, or its beginning is damaged", path.string()));
    throw FileFailure(fmt::format("cannot open '{}': {}", path.string(), ffmpeg::error_text(code)));
  }
  return ffmpeg::InputOwner(video);
}

namespace {

class DecodedVideo final : public VideoReader::Video {
 public:
  DecodedVideo(const fs::path& path, const NoticeSink& notices) : video_(ffmpeg::open_video(path)) {
    if (avformat_find_stream_info(video_.get(), nullptr) < 0)
      throw BadImage(fmt::format("'{}' is not a video, or it is damaged", path.string()));
    stream_ = find_pictures(*video_);
    if (stream_ == nullptr) throw BadImage(fmt::format("'{}' holds no pictures", path.string()));
    const AVCodec* const decoder = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (decoder == nullptr)
      throw CodecFailure(fmt::format("'{}': this system's FFmpeg cannot decode {}", path.string(),
                                     avcodec_get_name(stream_->codecpar->codec_id)));
    codec_.reset(avcodec_alloc_context3(decoder));
    if (avcodec_parameters_to_context(codec_.get(), stream_->codecpar) < 0 ||
        avcodec_open2(codec_.get(), decoder, nullptr) < 0)
      throw CodecFailure(fmt::format("'{}': FFmpeg's decoder {} cannot open this video",
                                     path.string(), decoder->name));
    codec_->pkt_timebase = stream_->time_base;
    info_ = info_of(*video_, *stream_);
    if (video_->start_time != AV_NOPTS_VALUE)
      beginning_ = av_rescale_q(video_->start_time, {1, AV_TIME_BASE}, stream_->time_base);
    pixels_.emplace(path.string(), ffmpeg::quarter_turns_of(*stream_), notices);
  }

  bool skip() override {
    while (true) {
      const int code = avcodec_receive_frame(codec_.get(), decoded_.get());
      if (code == AVERROR_EOF) return false;
      if (code >= 0) break;
      if (code != AVERROR(EAGAIN)) ++skipped_;
      feed();
    }
    take_time();
    return true;
  }

  bool next(Image& frame) override {
    if (!skip()) return false;
    convert(frame);
    return true;
  }

  void convert(Image& frame) override { pixels_->run(*decoded_, frame); }

  const VideoInfo& info() const override { return info_; }
  FrameTime time() const override { return time_; }
  std::int64_t skipped() const override { return skipped_; }

 private:
  // Sends the next packet of the stream to the decoder, or the video's end.
  void feed() {
    int read = 0;
    while ((read = av_read_frame(video_.get(), packet_.get())) >= 0) {
      const bool ours = packet_->stream_index == stream_->index;
      const int code = ours ? avcodec_send_packet(codec_.get(), packet_.get()) : 0;
      av_packet_unref(packet_.get());
      if (code < 0 && code != AVERROR(EAGAIN)) ++skipped_;
      if (ours && code >= 0) return;
    }
    if (read != AVERROR_EOF) ++skipped_;
    avcodec_send_packet(codec_.get(), nullptr);
  }

  // Where the video says nothing, a frame follows the last at the average rate.
  void take_time() {
    std::int64_t usual = 0;
    if (info_.fps > 0 && info_.unit.num > 0)
      usual = std::llround(info_.unit.den / (info_.fps * info_.unit.num));
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    const std::int64_t duration = decoded_->duration;
#else
    const std::int64_t duration = decoded_->pkt_duration;
#endif
    const std::int64_t after_last = time_.start + std::max<std::int64_t>(time_.duration, 1);
    const bool says = decoded_->best_effort_timestamp != AV_NOPTS_VALUE;
    std::int64_t start = is_first_ ? 0 : after_last;
    if (says) start = decoded_->best_effort_timestamp - beginning_;
    if (!is_first_ && start <= time_.start) start = after_last;
    time_ = {start, duration > 0 ? duration : usual};
    is_first_ = false;
  }

  ffmpeg::InputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  Owner<AVCodecContext> codec_;
  std::optional<ffmpeg::PixelReader> pixels_;
  Owner<AVFrame> decoded_{av_frame_alloc()};
  Owner<AVPacket> packet_{av_packet_alloc()};
  VideoInfo info_;
  std::int64_t beginning_ = 0;  // of the video, in the stream's unit
  FrameTime time_;
  bool is_first_ = true;
  std::int64_t skipped_ = 0;
};

}  // namespace

std::unique_ptr<VideoReader::Video> ffmpeg::read_video(const fs::path& path,
                                                       const NoticeSink& notices) {
  return std::make_unique<DecodedVideo>(path, notices);
}

std::string ffmpeg::read_recipe(const fs::path& path) {
  const ffmpeg::InputOwner video = ffmpeg::open_video(path);
  if (video->iformat->name == std::string("gif")) {
    return gif_comment(read_file(path));
  }
  const AVDictionaryEntry* const entry = av_dict_get(video->metadata, "comment", nullptr, 0);
  return entry == nullptr ? "" : entry->value;
}

}  // namespace reverie
