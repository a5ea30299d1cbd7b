#include "reverie/codec/video/frame_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/codec/video/deinterlacer.h"
#include "reverie/codec/video/pixel_conversion.h"
#include "reverie/codec/video/video_open.h"

namespace reverie::ffmpeg {
namespace {

constexpr int places = 3, frames_a_place = 50;
constexpr int packets_a_place = 2000;  // of all streams

// Codecs of screens and of the web, whose fine patterns look like fields.
bool may_be_interlaced(AVCodecID codec) {
  static constexpr std::array never{AV_CODEC_ID_GIF,  AV_CODEC_ID_APNG, AV_CODEC_ID_PNG,
                                    AV_CODEC_ID_WEBP, AV_CODEC_ID_VP8,  AV_CODEC_ID_VP9,
                                    AV_CODEC_ID_AV1,  AV_CODEC_ID_QTRLE};
  return std::find(never.begin(), never.end(), codec) == never.end();
}

struct Counts {
  int frames = 0, marked = 0;
  int top_first = 0, bottom_first = 0, progressive = 0;  // as the frames look
  int repeated_top = 0, repeated_bottom = 0;             // fields that the frame before had, too
  int combed = 0;                                        // frames whose rows alternate somewhere
  bool alpha = false;
};

// Whether rows alternate in some places: each like the next but one, and unlike its neighbours. A
// progressive picture hardly ever has that.
bool has_combs(const AVFrame& grey) {
  constexpr int alike = 10, unlike = 30;  // grey levels; twice the difference from the mean
  std::int64_t combed = 0;
  for (int y = 2; y + 2 < grey.height; ++y) {
    const std::ptrdiff_t stride = grey.linesize[0];
    const std::uint8_t* const row = grey.data[0] + y * stride;
    for (int x = 0; x < grey.width; ++x) {
      const int here = row[x], above = row[x - stride], below = row[x + stride];
      combed += std::abs(here - row[x - 2 * stride]) < alike &&
                std::abs(here - row[x + 2 * stride]) < alike && std::abs(above - below) < alike &&
                std::abs(2 * here - above - below) > unlike;
    }
  }
  return combed * 300 > std::int64_t{grey.width} * grey.height;
}

bool says(const AVFrame& frame, const char* key, const char* value) {
  const AVDictionaryEntry* const entry = av_dict_get(
      frame.metadata, fmt::format("lavfi.idet.{}.current_frame", key).c_str(), nullptr, 0);
  return entry != nullptr && entry->value == std::string(value);
}

void count_fields(const AVFrame& frame, Counts& counts) {
  counts.top_first += says(frame, "multiple", "tff");
  counts.bottom_first += says(frame, "multiple", "bff");
  counts.progressive += says(frame, "multiple", "progressive");
  counts.repeated_top += says(frame, "repeated", "top");
  counts.repeated_bottom += says(frame, "repeated", "bottom");
  counts.combed += has_combs(frame);
}

bool shows_alpha(PixelReader& pixels, const AVFrame& decoded) {
  if (!has_alpha(decoded.format)) return false;
  Image frame;
  pixels.run(decoded, frame);
  const auto elements = frame.alpha.elements();
  return std::any_of(elements.begin(), elements.end(), [](float value) { return value < 255; });
}

class Analysis {
 public:
  Analysis(const std::filesystem::path& path, bool with_fields)
      : name_(path.string()), video_(open_video(path)) {
    if (avformat_find_stream_info(video_.get(), nullptr) < 0) return;
    stream_ = find_pictures(*video_);
    if (stream_ == nullptr) return;
    codec_ = open_picture_decoder(*stream_, name_);
    with_fields_ = with_fields && may_be_interlaced(stream_->codecpar->codec_id);
    // What can be neither interlaced nor transparent need not be decoded
    const bool may_have_alpha = has_alpha(stream_->codecpar->format) ||
                                av_dict_get(stream_->metadata, "alpha_mode", nullptr, 0) != nullptr;
    if (!with_fields_ && !may_have_alpha) stream_ = nullptr;
  }

  FrameTraits run() {
    for (int place = 0; stream_ != nullptr && place < places; ++place) {
      if (place > 0 && !go_to(place)) break;
      look();
    }
    return traits();
  }

 private:
  bool go_to(int place) {
    if (video_->duration <= 0) return false;
    const std::int64_t begin = video_->start_time == AV_NOPTS_VALUE ? 0 : video_->start_time;
    const std::int64_t time = begin + video_->duration * place / places;
    avcodec_flush_buffers(codec_.get());
    return avformat_seek_file(video_.get(), -1, INT64_MIN, time, INT64_MAX, 0) >= 0;
  }

  // The next frames, wherever the file is.
  void look() {
    fields_.reset();
    int frames = 0;
    for (int packets = 0; packets < packets_a_place && frames < frames_a_place; ++packets) {
      const bool ended = av_read_frame(video_.get(), packet_.get()) < 0;
      if (!ended && packet_->stream_index == stream_->index)
        avcodec_send_packet(codec_.get(), packet_.get());
      if (ended) avcodec_send_packet(codec_.get(), nullptr);
      av_packet_unref(packet_.get());
      while (avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
        ++frames;
        if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) == 0) look_at(*frame_);
        av_frame_unref(frame_.get());
      }
      if (ended) break;
    }
    if (fields_) fields_->run(nullptr, [&](AVFrame& frame) { count_fields(frame, counts_); });
  }

  void look_at(AVFrame& frame) {
    ++counts_.frames;
    counts_.marked += is_marked_interlaced(frame);
    if (!counts_.alpha) counts_.alpha = shows_alpha(pixels_, frame);
    if (!with_fields_) return;
    frame.pts = frame.best_effort_timestamp;
    if (!fields_) fields_.emplace(*stream_, "format=gray,idet");
    fields_->run(&frame, [&](AVFrame& seen) { count_fields(seen, counts_); });
  }

  FrameTraits traits() const {
    FrameTraits traits;
    traits.alpha = counts_.alpha;
    if (!with_fields_ || counts_.frames == 0) return traits;
    const int frames = counts_.frames, interlaced = counts_.top_first + counts_.bottom_first;
    const int agreeing = std::max(counts_.top_first, counts_.bottom_first);
    traits.marked = counts_.marked * 10 > frames;
    traits.top_first = counts_.top_first >= counts_.bottom_first;
    // In each five frames two have a field of the frame before, one of each kind
    const double rate = av_q2d(stream_->avg_frame_rate);
    traits.telecined = rate > 29 && rate < 31 && frames >= 20 && interlaced * 8 > frames &&
                       counts_.repeated_top * 10 > frames && counts_.repeated_bottom * 10 > frames;
    const bool is_only_marked = interlaced == 0 && counts_.progressive * 10 > frames * 9;
    // A picture that moves up or down a row a frame looks interlaced from frame to frame, and
    // smooth within a frame
    const bool shows_combs = counts_.combed * 4 > frames;
    const bool is_only_seen = frames >= 8 && shows_combs && interlaced * 5 > frames * 2 &&
                              interlaced > 4 * counts_.progressive &&
                              agreeing * 10 > interlaced * 9;
    traits.interlaced = traits.marked ? !is_only_marked : is_only_seen;
    return traits;
  }

  const std::string name_;
  InputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  Owner<AVCodecContext> codec_;
  bool with_fields_ = false;
  PixelReader pixels_{name_, {}, true, {}, {}};
  std::optional<FrameFilter> fields_;
  Owner<AVFrame> frame_{av_frame_alloc()};
  Owner<AVPacket> packet_{av_packet_alloc()};
  Counts counts_;
};

}  // namespace

FrameTraits analyse_frames(const std::filesystem::path& path, bool with_fields) {
  return Analysis(path, with_fields).run();
}

bool is_marked_interlaced(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

}  // namespace reverie::ffmpeg
