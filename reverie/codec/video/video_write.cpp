#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <fstream>
#include <map>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/gif_palette.h"
#include "reverie/codec/video/pixel_conversion.h"
#include "reverie/codec/video/remuxed_streams.h"
#include "reverie/codec/video/video_formats.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::new_picture;
using ffmpeg::Owner;
using ffmpeg::pack;
using ffmpeg::VideoFormat;

// How often a GIF is shown again: as the one that it comes from, else for ever.
int loops_of(const fs::path& source) {
  std::ifstream file(source, std::ios::binary);
  char head[4] = {};
  if (source.empty() || !file.read(head, sizeof head) || std::string(head, 4) != "GIF8") return 0;
  return gif_loops(read_file(source));
}

class EncodedVideo final : public VideoWriter::Video {
 public:
  EncodedVideo(const fs::path& path, std::int64_t width, std::int64_t height,
               const VideoOptions& options, const NoticeSink& notices)
      : path_(options.shown_path.empty() ? path : options.shown_path),
        options_(options),
        notices_(notices),
        format_(ffmpeg::video_format(path)),
        encoder_(ffmpeg::find_encoder(format_, options.codec, options.alpha, path_)),
        encoded_(ffmpeg::pixels_for(*encoder_, options.alpha, options.bits, path_)),
        packed_(ffmpeg::packed_format(encoded_, options.alpha, options.bits)),
        width_(width),
        height_(height),
        file_(path) {
    ffmpeg::hush();
    const std::int64_t grid = format_.even && !ffmpeg::is_rgb(encoded_) ? 2 : 1;
    rgb_ = new_picture(static_cast<int>((width + grid - 1) / grid * grid),
                       static_cast<int>((height + grid - 1) / grid * grid), packed_);
    if (rgb_->width != width || rgb_->height != height)
      notify(notices, fmt::format("{}: the codec needs even sizes, so {}x{} becomes {}x{}; the "
                                  "last column or row is repeated",
                                  path_.string(), width, height, rgb_->width, rgb_->height));
    AVFormatContext* video = nullptr;
    check(avformat_alloc_output_context2(&video, nullptr, format_.name,
                                         file_.temporary_path().c_str()));
    video_.reset(video);
    video->flags |= AVFMT_FLAG_BITEXACT;  // no random ids, which Matroska has
    open_encoder();
    open_file();
  }

  void add(const Image& frame) override { add(frame, {frames_, 1}, av_inv_q(rate_)); }
  void add(const Image& frame, FrameTime time) override {
    add(frame, time, {options_.unit.num, options_.unit.den});
  }

  void finish(bool cut) override {
    if (frames_ == 0)
      throw CodecFailure(fmt::format("{}: a video needs at least one frame", path_.string()));
    if (palette_) palette_->run(nullptr, [&](AVFrame& colored) { encode(&colored); });
    encode(nullptr);
    write_last();
    for (auto& streams : remuxed_) check_packet(cut ? streams.finish(end_) : streams.finish());
    check(av_write_trailer(video_.get()));
    if (refused_ > 0)
      notify(notices_, fmt::format("{}: {} packets could not be written and are missing",
                                   path_.string(), refused_));
    check(avio_closep(&video_->pb));
    if (is_gif()) append_gif_comment(file_.temporary_path(), options_.recipe);
    file_.commit(options_.overwrite);
  }

 private:
  void check(int code) const {
    if (code >= 0) return;
    throw FileFailure(
        fmt::format("{}: cannot be written ({})", path_.string(), ffmpeg::error_text(code)));
  }

  // What the container refuses is left out rather than all that was dreamed.
  void check_packet(int code) {
    const bool is_refusal = code == AVERROR(EINVAL) || code == AVERROR_INVALIDDATA ||
                            code == AVERROR_PATCHWELCOME || code == AVERROR_EXPERIMENTAL;
    if (!is_refusal || remuxed_.empty()) return check(code);
    ++refused_;
  }

  bool is_gif() const { return format_.name == std::string("gif"); }

  void add(const Image& frame, FrameTime time, AVRational unit) {
    if (frame.height() != height_ || frame.width() != width_)
      throw BadShape(fmt::format("{}: frame is {}x{}, expected {}x{} as the video", path_.string(),
                                 frame.width(), frame.height(), width_, height_));
    ++frames_;
    end_ = static_cast<double>(time.start + time.duration) * av_q2d(unit);
    last_ = std::max(last_ + 1, av_rescale_q(time.start, unit, codec_->time_base));
    if (frames_ == 1) first_ = last_;
    last_duration_ =
        std::max<std::int64_t>(1, av_rescale_q(time.duration, unit, codec_->time_base));
    durations_[last_] = last_duration_;
    if (palette_) {
      // The filter keeps frames, so each is a new one
      const auto rgb = new_picture(rgb_->width, rgb_->height, packed_);
      pack(frame, *rgb);
      rgb->pts = last_;
      palette_->run(rgb.get(), [&](AVFrame& colored) { encode(&colored); });
      return;
    }
    encode_picture(frame);
  }

  void encode_picture(const Image& frame) {
    // Where it is packed as the encoder takes it, there is nothing to convert
    AVFrame& picture = converter_ ? *converted_ : *rgb_;
    check(av_frame_make_writable(&picture));
    pack(frame, *rgb_);
    if (converter_)
      sws_scale(converter_.get(), rgb_->data, rgb_->linesize, 0, rgb_->height, picture.data,
                picture.linesize);
    picture.pts = last_;
    picture.quality = codec_->global_quality;  // MPEG-4 asks each frame
    // ProRes does so for what its colors mean
    picture.colorspace = codec_->colorspace;
    picture.color_primaries = codec_->color_primaries;
    picture.color_trc = codec_->color_trc;
    picture.color_range = codec_->color_range;
    encode(&picture);
  }

  void open_encoder() {
    const AVCodec* const codec = encoder_;
    codec_.reset(avcodec_alloc_context3(codec));
    if (codec->id == AV_CODEC_ID_PRORES && options_.codec == VideoCodec::automatic)
      notify(notices_,
             fmt::format("{}: written as ProRes 4444, which keeps transparency", path_.string()));
    codec_->width = rgb_->width;
    codec_->height = rgb_->height;
    rate_ = av_d2q(options_.fps, 1001000);
    codec_->framerate = rate_;
    codec_->time_base = ffmpeg::encoder_unit(format_, *codec, options_.unit, options_.fps);
    codec_->sample_aspect_ratio = {options_.pixel_width, options_.pixel_height};
    codec_->pix_fmt = encoded_;
    choose_colors();
    if ((video_->oformat->flags & AVFMT_GLOBALHEADER) != 0)
      codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    // The name by which more players know MPEG-4 in this form
    if (codec->id == AV_CODEC_ID_MPEG4 && format_.name == std::string("avi"))
      codec_->codec_tag = MKTAG('X', 'V', 'I', 'D');
    // The one by which Apple's players know H.265
    if (codec->id == AV_CODEC_ID_HEVC && format_.movflags)
      codec_->codec_tag = MKTAG('h', 'v', 'c', '1');
    ffmpeg::set_quality(*codec_, options_.quality);
    if (const int code = avcodec_open2(codec_.get(), codec, nullptr); code < 0)
      throw CodecFailure(fmt::format("{}: encoder {} refuses frames of {}x{} at {} fps ({})",
                                     path_.string(), codec->name, rgb_->width, rgb_->height,
                                     options_.fps, ffmpeg::error_text(code)));
  }

  void choose_colors() {
    if (encoded_ == AV_PIX_FMT_PAL8) {
      palette_.emplace(rgb_->width, rgb_->height, packed_, codec_->time_base);
      return;
    }
    // An AVI cannot say how its colors are meant; players take the older standard
    const bool is_avi = format_.name == std::string("avi"), rgb = ffmpeg::is_rgb(encoded_);
    codec_->colorspace = rgb ? AVCOL_SPC_RGB : is_avi ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
    codec_->color_primaries = AVCOL_PRI_BT709;
    codec_->color_trc = AVCOL_TRC_BT709;
    codec_->color_range = rgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (encoded_ == packed_) return;
    converter_ = ffmpeg::color_converter(rgb_->width, rgb_->height, packed_, encoded_,
                                         is_avi ? SWS_CS_ITU601 : SWS_CS_ITU709);
    converted_ = new_picture(rgb_->width, rgb_->height, encoded_);
  }

  void open_file() {
    AVFormatContext* const video = video_.get();
    stream_ = avformat_new_stream(video, nullptr);
    check(avcodec_parameters_from_context(stream_->codecpar, codec_.get()));
    stream_->time_base = codec_->time_base;
    stream_->avg_frame_rate = codec_->framerate;
    stream_->sample_aspect_ratio = codec_->sample_aspect_ratio;
    for (const RemuxSource* source : {&options_.remux, &options_.music})
      if (!source->video.empty())
        remuxed_.emplace_back(*source, *video, std::string(".") + format_.extension, notices_);
    check(avio_open(&video->pb, file_.temporary_path().c_str(), AVIO_FLAG_WRITE));
    const int loops = is_gif() ? loops_of(options_.remux.video) : 0;
    const int code = ffmpeg::write_header(*video, format_, options_.recipe, loops);
    if (code < 0)
      throw CodecFailure(fmt::format("{}: .{} cannot hold these streams ({}); .mkv holds most",
                                     path_.string(), format_.extension, ffmpeg::error_text(code)));
    for (auto& streams : remuxed_) check_packet(streams.begin());
  }

  // Sends a frame, or null at the end, and writes what comes out.
  void encode(AVFrame* frame) {
    check(avcodec_send_frame(codec_.get(), frame));
    while (true) {
      const int code = avcodec_receive_packet(codec_.get(), packet_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      check(code);
      take_duration();
      const double until = static_cast<double>(packet_->pts) * av_q2d(codec_->time_base);
      for (auto& streams : remuxed_) check_packet(streams.write_until(until));
      write_held();
      av_packet_move_ref(held_.get(), packet_.get());
    }
  }

  // Each packet waits for the next, for the last of them may be told to be the last.
  void write_held() {
    if (held_->data == nullptr) return;
    if (first_dts_ == AV_NOPTS_VALUE) first_dts_ = held_->dts;
    av_packet_rescale_ts(held_.get(), codec_->time_base, stream_->time_base);
    held_->stream_index = stream_->index;
    check_packet(av_interleaved_write_frame(video_.get(), held_.get()));
    check(video_->pb->error);
  }

  // MP4 takes a video's length from its packets' order of decoding, in which the last may not be
  // the one that is seen last.
  void write_last() {
    const std::int64_t rest = last_ + last_duration_ - first_ + first_dts_ - held_->dts;
    if (format_.movflags && first_dts_ != AV_NOPTS_VALUE && held_->dts != AV_NOPTS_VALUE)
      held_->duration = std::max<std::int64_t>(1, rest);
    write_held();
  }

  // Encoders forget how long a frame is shown.
  void take_duration() {
    const auto known = durations_.find(packet_->pts);
    if (known == durations_.end()) return;
    packet_->duration = known->second;
    durations_.erase(known);
  }

  const fs::path path_;  // for messages
  const VideoOptions options_;
  const NoticeSink notices_;
  const VideoFormat& format_;
  const AVCodec* const encoder_;
  const AVPixelFormat encoded_, packed_;  // what the encoder takes, and how frames are packed
  const std::int64_t width_, height_;
  std::int64_t frames_ = 0;
  std::int64_t refused_ = 0;  // packets that the container did not take
  double end_ = 0;            // of the last frame, in seconds
  // Times as encoded: of the first and last frame, how long that is shown, of the first packet
  std::int64_t first_ = 0, last_ = -1, last_duration_ = 1, first_dts_ = AV_NOPTS_VALUE;
  std::map<std::int64_t, std::int64_t> durations_;  // of the frames in the encoder, by time
  AVRational rate_{};

  AtomicFile file_;
  ffmpeg::OutputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  Owner<AVCodecContext> codec_;
  Owner<SwsContext> converter_;
  std::optional<ffmpeg::PaletteFilter> palette_;
  Owner<AVFrame> rgb_, converted_;  // as packed; as the encoder takes it, where that differs
  Owner<AVPacket> packet_{av_packet_alloc()}, held_{av_packet_alloc()};
  std::deque<ffmpeg::RemuxedStreams> remuxed_;
};

}  // namespace

std::unique_ptr<VideoWriter::Video> ffmpeg::write_video(const fs::path& path, std::int64_t width,
                                                        std::int64_t height,
                                                        const VideoOptions& options,
                                                        const NoticeSink& notices) {
  return std::make_unique<EncodedVideo>(path, width, height, options, notices);
}

}  // namespace reverie
