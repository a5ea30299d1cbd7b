#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <deque>
#include <map>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/clip_times.h"
#include "reverie/codec/video/deinterlacer.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/frame_analysis.h"
#include "reverie/codec/video/pixel_conversion.h"
#include "reverie/codec/video/transparency.h"
#include "reverie/codec/video/video_open.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::Owner;

VideoInfo info_of(AVFormatContext& video, AVStream& stream) {
  VideoInfo info;
  const bool lies = ffmpeg::orientation_of(stream).transposed;
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

// A cover of a song is a picture stream, too, and no video.
AVStream* ffmpeg::find_pictures(AVFormatContext& video) {
  for (unsigned i = 0; i < video.nb_streams; ++i)
    if ((video.streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
      video.streams[i]->discard = AVDISCARD_ALL;
  const int index = av_find_best_stream(&video, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0 || video.streams[index]->discard == AVDISCARD_ALL) return nullptr;
  return video.streams[index];
}

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

// FFmpeg's own decoders of VP8 and VP9 leave transparency out.
ffmpeg::Owner<AVCodecContext> ffmpeg::open_picture_decoder(const AVStream& stream,
                                                           const std::string& name) {
  const AVCodecID id = stream.codecpar->codec_id;
  const AVCodec* decoder = nullptr;
  if (av_dict_get(stream.metadata, "alpha_mode", nullptr, 0) != nullptr)
    decoder = avcodec_find_decoder_by_name(id == AV_CODEC_ID_VP9 ? "libvpx-vp9" : "libvpx");
  if (decoder == nullptr || decoder->id != id) decoder = avcodec_find_decoder(id);
  if (decoder == nullptr)
    throw CodecFailure(
        fmt::format("'{}': this system's FFmpeg cannot decode {}", name, avcodec_get_name(id)));
  Owner<AVCodecContext> codec(avcodec_alloc_context3(decoder));
  if (avcodec_parameters_to_context(codec.get(), stream.codecpar) < 0 ||
      avcodec_open2(codec.get(), decoder, nullptr) < 0)
    throw CodecFailure(
        fmt::format("'{}': FFmpeg's decoder {} cannot open this video", name, decoder->name));
  codec->pkt_timebase = stream.time_base;
  return codec;
}

namespace {

class DecodedVideo final : public VideoReader::Video {
 public:
  DecodedVideo(const fs::path& path, const NoticeSink& notices, const VideoReaderOptions& options)
      : name_(path.string()), notices_(notices), video_(ffmpeg::open_video(path)) {
    if (avformat_find_stream_info(video_.get(), nullptr) < 0)
      throw BadImage(fmt::format("'{}' is not a video, or it is damaged", path.string()));
    stream_ = ffmpeg::find_pictures(*video_);
    if (stream_ == nullptr) throw BadImage(fmt::format("'{}' holds no pictures", path.string()));
    codec_ = ffmpeg::open_picture_decoder(*stream_, path.string());
    info_ = info_of(*video_, *stream_);
    if (video_->start_time != AV_NOPTS_VALUE)
      beginning_ = av_rescale_q(video_->start_time, {1, AV_TIME_BASE}, stream_->time_base);
    // Sound is read for its time stamps
    for (unsigned i = 0; i < video_->nb_streams; ++i) {
      const AVMediaType type = video_->streams[i]->codecpar->codec_type;
      if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO)
        video_->streams[i]->discard = AVDISCARD_ALL;
    }
    times_.emplace(*video_, path.string(), notices);
    choose_filters(path, notices, options);
  }

  bool skip() override {
    while (ready_.empty()) {
      if (ended_) return false;
      const int code = avcodec_receive_frame(codec_.get(), decoded_.get());
      if (code >= 0) {
        take(*decoded_);
      } else if (code == AVERROR_EOF) {
        ended_ = true;
        if (filter_) filter_->run(nullptr, [this](AVFrame& frame) { take_filtered(frame); });
      } else {
        if (code != AVERROR(EAGAIN)) ++skipped_;
        feed();
      }
    }
    shown_ = std::move(ready_.front());
    ready_.pop_front();
    take_time();
    return true;
  }

  void convert(Image& frame) override { pixels_->run(*shown_, frame); }

  const VideoInfo& info() const override { return info_; }
  FrameTime time() const override { return time_; }
  std::int64_t skipped() const override { return skipped_; }

 private:
  // Says what is done to the frames, too.
  void choose_filters(const fs::path& path, const NoticeSink& notices,
                      const VideoReaderOptions& options) {
    const ffmpeg::FrameTraits traits =
        ffmpeg::analyse_frames(path, options.deinterlacing != Deinterlacing::no);
    info_.alpha = traits.alpha;
    if (traits.alpha && !options.keep_alpha) notify(notices, transparency_notice(path.string()));
    pixels_.emplace(path.string(), ffmpeg::orientation_of(*stream_),
                    traits.alpha && options.keep_alpha, options.background, notices);
    const AVRational rate = stream_->avg_frame_rate;
    const std::string filters = ffmpeg::deinterlacing_filters(options.deinterlacing, traits, rate);
    if (filters.empty()) return;
    const bool telecined = traits.telecined && options.deinterlacing == Deinterlacing::automatic;
    filter_.emplace(*stream_, filters);
    notify(notices,
           fmt::format("'{}' is {}; --deinterlace no leaves its frames as they are", path.string(),
                       telecined ? "a telecined film, whose own frames are recovered"
                                 : "interlaced, and is deinterlaced"));
    if (!telecined) return;
    info_.fps *= 0.8;
    info_.frames = std::llround(static_cast<double>(info_.frames) * 0.8);
    info_.unit = {rate.den * 5, rate.num * 4};
    av_reduce(&info_.unit.num, &info_.unit.den, info_.unit.num, info_.unit.den, INT_MAX);
  }

  void take(AVFrame& decoded) {
    decoded.pts = decoded.best_effort_timestamp;
    if (decoded.pts != AV_NOPTS_VALUE) decoded.pts -= beginning_;
    if (!filter_) return push(decoded);
    if (decoded.pts != AV_NOPTS_VALUE) durations_[decoded.pts] = duration_of(decoded);
    filter_->run(&decoded, [this](AVFrame& frame) { take_filtered(frame); });
    av_frame_unref(&decoded);
  }

  void take_filtered(AVFrame& frame) {
    const AVRational unit{info_.unit.num, info_.unit.den};
    if (frame.pts != AV_NOPTS_VALUE) frame.pts = av_rescale_q(frame.pts, filter_->unit(), unit);
    set_duration(frame, 0);
    const auto known = durations_.find(frame.pts);
    if (known != durations_.end() && av_cmp_q(unit, stream_->time_base) == 0)
      set_duration(frame, known->second);
    durations_.erase(durations_.begin(), durations_.upper_bound(frame.pts));
    push(frame);
  }

  void push(AVFrame& frame) {
    Owner<AVFrame> moved(av_frame_alloc());
    if (moved == nullptr) throw OutOfMemory("out of memory for a frame of a video");
    av_frame_move_ref(moved.get(), &frame);
    ready_.push_back(std::move(moved));
  }

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  static std::int64_t duration_of(const AVFrame& frame) { return frame.duration; }
  static void set_duration(AVFrame& frame, std::int64_t duration) { frame.duration = duration; }
#else
  static std::int64_t duration_of(const AVFrame& frame) { return frame.pkt_duration; }
  static void set_duration(AVFrame& frame, std::int64_t duration) { frame.pkt_duration = duration; }
#endif

  // Sends the next packet of the stream to the decoder, or the video's end.
  void feed() {
    int read = 0;
    while ((read = av_read_frame(video_.get(), packet_.get())) >= 0) {
      const bool ours = packet_->stream_index == stream_->index;
      times_->run(*packet_);
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
    const std::int64_t duration = duration_of(*shown_);
    const std::int64_t after_last = time_.start + std::max<std::int64_t>(time_.duration, 1);
    std::int64_t start = is_first_ ? 0 : after_last;
    if (shown_->pts != AV_NOPTS_VALUE) start = shown_->pts;
    if (!is_first_ && start <= time_.start) {
      tell_of_step_back(info_.unit.seconds(time_.start - start));
      start = after_last;
    }
    time_ = {start, duration > 0 ? duration : usual};
    is_first_ = false;
  }

  void tell_of_step_back(double seconds) {
    constexpr double worth_telling = 0.01;
    if (said_ || seconds <= worth_telling) return;
    said_ = true;
    notify(notices_,
           fmt::format("'{}': time stamps of its pictures step back by {:.2f} s, as those "
                       "of joined clips do; they are put in order",
                       name_, seconds));
  }

  const std::string name_;
  const NoticeSink notices_;
  ffmpeg::InputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  Owner<AVCodecContext> codec_;
  std::optional<ffmpeg::ClipTimes> times_;
  std::optional<ffmpeg::PixelReader> pixels_;
  std::optional<ffmpeg::FrameFilter> filter_;
  std::map<std::int64_t, std::int64_t> durations_;  // of the frames in the filter, by time
  std::deque<Owner<AVFrame>> ready_;                // times from the video's beginning
  Owner<AVFrame> decoded_{av_frame_alloc()}, shown_;
  bool ended_ = false;
  Owner<AVPacket> packet_{av_packet_alloc()};
  VideoInfo info_;
  std::int64_t beginning_ = 0;  // of the video, in the stream's unit
  FrameTime time_;
  bool is_first_ = true;
  bool said_ = false;  // that time stamps step back
  std::int64_t skipped_ = 0;
};

}  // namespace

std::unique_ptr<VideoReader::Video> ffmpeg::read_video(const fs::path& path,
                                                       const NoticeSink& notices,
                                                       const VideoReaderOptions& options) {
  return std::make_unique<DecodedVideo>(path, notices, options);
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
