#include "reverie/codec/video/sound_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/codec/video/clip_times.h"
#include "reverie/codec/video/filter_graph.h"
#include "reverie/codec/video/sound_form.h"
#include "reverie/codec/video/stream_conversion.h"
#include "reverie/codec/video/video_open.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::Owner;

constexpr std::int64_t longest = std::int64_t{24} * 3600 * sound_rate;  // samples

// Errors: as read_sound.
ffmpeg::InputOwner open_sound(const fs::path& path, AVStream*& stream) {
  ffmpeg::InputOwner file;
  try {
    file = ffmpeg::open_video(path);
  } catch (const Error&) {
    // Some demuxers call a file of another kind an invalid argument
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored) || !std::ifstream(path).is_open()) throw;
    throw BadImage(
        fmt::format("'{}' holds no sound that FFmpeg knows, or its beginning is damaged; expected "
                    "an audio file or a video",
                    path.string()));
  }
  const int found = avformat_find_stream_info(file.get(), nullptr);
  const int index =
      found < 0 ? found : av_find_best_stream(file.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (index < 0)
    throw BadImage(fmt::format("'{}' has no sound; expected an audio file, or a video with sound",
                               path.string()));
  stream = file->streams[index];
  return file;
}

// From packets to samples of one channel.
class SoundDecoder {
 public:
  SoundDecoder(const fs::path& path, const SampleSink& take, const NoticeSink& notices)
      : name_(path.string()),
        take_(take),
        file_(open_sound(path, stream_)),
        times_(*file_, name_, notices),
        decoder_(ffmpeg::open_decoder(*stream_)) {
    if (decoder_ == nullptr)
      throw CodecFailure(fmt::format("'{}': this system's FFmpeg cannot decode {}", name_,
                                     avcodec_get_name(stream_->codecpar->codec_id)));
    if (file_->start_time != AV_NOPTS_VALUE)
      beginning_ = static_cast<double>(file_->start_time) / AV_TIME_BASE;
    // Pictures are read for their time stamps, as far as they have any
    for (unsigned i = 0; i < file_->nb_streams; ++i) {
      AVStream& other = *file_->streams[i];
      const AVMediaType type = other.codecpar->codec_type;
      const bool is_cover = (other.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
      if (is_cover || (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO))
        other.discard = AVDISCARD_ALL;
    }
  }

  SoundLength run() {
    int code = 0;
    while ((code = av_read_frame(file_.get(), packet_.get())) >= 0) {
      times_.run(*packet_);
      if (packet_->stream_index == stream_->index) decode(packet_.get());
      av_packet_unref(packet_.get());
    }
    if (code != AVERROR_EOF) ++length_.skipped_packets;
    decode(nullptr);
    end_filter();
    if (decoded_frames_ == 0)
      throw BadImage(fmt::format(
          "'{}': nothing of its sound can be decoded; it is damaged or cut short", name_));
    length_.seconds = static_cast<double>(position_) / sound_rate;
    return length_;
  }

 private:
  void decode(const AVPacket* packet) {
    if (avcodec_send_packet(decoder_.get(), packet) < 0) ++length_.skipped_packets;
    while (true) {
      const int code = avcodec_receive_frame(decoder_.get(), sound_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      if (code < 0) {
        ++length_.skipped_packets;
        return;
      }
      if (sound_->nb_samples > 0 && sound_->sample_rate > 0) resample(*sound_);
      av_frame_unref(sound_.get());
    }
  }

  // Where the sound is silent between its packets, so is what comes out.
  void resample(AVFrame& sound) {
    constexpr double jitter = 0.05;  // s; less is how coarsely a file counts, not a gap
    ++decoded_frames_;
    const std::string form = ffmpeg::sound_form(sound);
    if (sound.pts != AV_NOPTS_VALUE) {
      const double at =
          static_cast<double>(sound.pts) * av_q2d(decoder_->pkt_timebase) - beginning_;
      if (!next_ || std::fabs(at - *next_) > jitter) {
        go_to(at);
        next_ = at;
      }
    }
    next_ = next_.value_or(0) + static_cast<double>(sound.nb_samples) / sound.sample_rate;
    if (form != form_) {
      end_filter();
      graph_.emplace(
          "abuffer", form,
          fmt::format("aresample={}:lfe_mix_level=0.7:rematrix_maxval=1,aformat=sample_fmts=flt:"
                      "channel_layouts=mono",
                      sound_rate),
          "abuffersink");
      form_ = form;
    }
    sound.pts = AV_NOPTS_VALUE;  // the filter counts on
    graph_->run(&sound, [this](AVFrame& made) { emit(made); });
  }

  // What comes next is at that time: silence up to it, or what overlaps is dropped.
  void go_to(double seconds) {
    end_filter();
    if (!(std::fabs(seconds) * sound_rate < static_cast<double>(longest))) refuse();
    const std::int64_t wanted = std::llround(seconds * sound_rate);
    to_drop_ = std::max<std::int64_t>(0, position_ - wanted);
    static constexpr std::array<float, 4800> silence{};
    while (position_ < wanted) {
      const auto count = std::min<std::int64_t>(wanted - position_, silence.size());
      take_({silence.data(), static_cast<std::size_t>(count)});
      position_ += count;
    }
  }

  void end_filter() {
    if (graph_) graph_->run(nullptr, [this](AVFrame& made) { emit(made); });
    graph_.reset();
    form_.clear();
  }

  void emit(const AVFrame& made) {
    const std::int64_t dropped = std::min<std::int64_t>(to_drop_, made.nb_samples);
    to_drop_ -= dropped;
    const auto* const samples = reinterpret_cast<const float*>(made.data[0]) + dropped;
    const std::int64_t count = made.nb_samples - dropped;
    position_ += count;
    if (position_ > longest) refuse();
    if (count > 0) take_({samples, static_cast<std::size_t>(count)});
  }

  [[noreturn]] void refuse() const {
    throw BadImage(
        fmt::format("'{}': its sound would last more than a day; its time stamps are damaged, or "
                    "it is too long",
                    name_));
  }

  const std::string name_;
  const SampleSink& take_;
  AVStream* stream_ = nullptr;  // owned by file_
  ffmpeg::InputOwner file_;
  ffmpeg::ClipTimes times_;
  Owner<AVCodecContext> decoder_;
  double beginning_ = 0;        // of the file, s
  std::optional<double> next_;  // when the next frame is expected, s from the beginning
  std::int64_t position_ = 0, to_drop_ = 0;  // samples
  std::int64_t decoded_frames_ = 0;
  std::string form_;  // of what goes into the filter
  std::optional<ffmpeg::FilterGraph> graph_;
  SoundLength length_;
  Owner<AVFrame> sound_{av_frame_alloc()};
  Owner<AVPacket> packet_{av_packet_alloc()};
};

}  // namespace

SoundLength ffmpeg::read_sound(const fs::path& path, const SampleSink& take,
                               const NoticeSink& notices) {
  return SoundDecoder(path, take, notices).run();
}

double ffmpeg::stated_sound_length(const fs::path& path) {
  AVStream* stream = nullptr;
  const InputOwner file = open_sound(path, stream);
  if (stream->duration != AV_NOPTS_VALUE && stream->duration > 0)
    return static_cast<double>(stream->duration) * av_q2d(stream->time_base);
  if (file->duration == AV_NOPTS_VALUE || file->duration <= 0) return 0;
  return static_cast<double>(file->duration) / AV_TIME_BASE;
}

}  // namespace reverie
