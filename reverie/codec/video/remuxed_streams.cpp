#include "reverie/codec/video/remuxed_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/codec/video/container_metadata.h"
#include "reverie/codec/video/video_open.h"

namespace reverie::ffmpeg {
namespace {

InputOwner open_source(const std::filesystem::path& path) {
  InputOwner video = open_video(path);
  if (avformat_find_stream_info(video.get(), nullptr) < 0)
    throw BadImage(fmt::format("'{}' is not a video, or it is damaged", path.string()));
  return video;
}

}  // namespace

RemuxedStreams::RemuxedStreams(const RemuxSource& remux, AVFormatContext& to,
                               const std::string& form, const NoticeSink& notices)
    : notices_(notices),
      name_(remux.video.string()),
      video_(open_source(remux.video)),
      to_(to),
      times_(*video_, name_, {}),  // the reader of the pictures tells of jumps
      is_cut_(remux.from > 0),
      last_(video_->nb_streams, AV_NOPTS_VALUE) {
  offset_ = std::llround(remux.from * AV_TIME_BASE);
  if (video_->start_time != AV_NOPTS_VALUE) offset_ += video_->start_time;
  const FirstPackets packets = read_first_packets(remux.video, video_->nb_streams);
  StreamPlanner planner(*video_, to, remux.sound, packets, form, notices);
  streams_ =
      remux.only_sound ? planner.plan_best_sound() : planner.plan(find_pictures(*video_), !is_cut_);
  const std::string muxer = to_.oformat->name;
  delay_is_missing_ = (muxer == "matroska" || muxer == "webm") && !adds_codec_delay(*to_.oformat);
  if (remux.only_sound) return;
  copy_chapters(*video_, to_, offset_);
  copy_metadata(*video_, to_);
}

// Covers in MP4 are packets that belong to no time.
int RemuxedStreams::begin() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const AVStream& from = *video_->streams[i];
    const AVStream* const copy = streams_[i].copy;
    if (copy == nullptr || (copy->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) continue;
    const Owner<AVPacket> cover(av_packet_clone(&from.attached_pic));
    if (cover == nullptr) return AVERROR(ENOMEM);
    cover->pts = cover->dts = 0;
    cover->stream_index = copy->index;
    if (const int code = av_write_frame(&to_, cover.get()); code < 0) return code;
  }
  return 0;
}

bool RemuxedStreams::read_next() {
  while (av_read_frame(video_.get(), packet_.get()) >= 0) {
    const auto index = static_cast<std::size_t>(packet_->stream_index);
    times_.run(*packet_);
    const bool is_early = is_cut_ && start_of_packet() < 0;
    const bool is_cover = (video_->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (index < streams_.size() && streams_[index].copy != nullptr && !is_early && !is_cover)
      return true;
    av_packet_unref(packet_.get());
  }
  return false;
}

double RemuxedStreams::start_of_packet() const {
  const AVStream& stream = *video_->streams[packet_->stream_index];
  const std::int64_t time = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
  if (time == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(time) * av_q2d(stream.time_base) -
         static_cast<double>(offset_) / AV_TIME_BASE;
}

int RemuxedStreams::write_until(double seconds) {
  while (holds_packet_ || (holds_packet_ = read_next())) {
    if (start_of_packet() >= seconds) return 0;
    if (const int code = write_held(); code < 0) return code;
  }
  return 0;
}

int RemuxedStreams::finish(double seconds) {
  if (const int code = write_until(seconds); code < 0) return code;
  int failed = 0;
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (StreamConversion* const conversion = streams_[i].conversion.get())
      conversion->run(nullptr, [&](AVPacket& made) {
        failed = std::min(failed, write(i, made, conversion->encoder().time_base));
      });
  return failed;
}

int RemuxedStreams::write_held() {
  const auto index = static_cast<std::size_t>(packet_->stream_index);
  const AVStream& from = *video_->streams[index];
  const std::int64_t offset = av_rescale_q(offset_, {1, AV_TIME_BASE}, from.time_base);
  if (packet_->pts != AV_NOPTS_VALUE) packet_->pts -= offset;
  if (packet_->dts != AV_NOPTS_VALUE) packet_->dts -= offset;
  packet_->pos = -1;
  holds_packet_ = false;
  int failed = 0;
  if (StreamConversion* const conversion = streams_[index].conversion.get())
    conversion->run(packet_.get(), [&](AVPacket& made) {
      failed = std::min(failed, write(index, made, conversion->encoder().time_base));
    });
  else
    failed = write(index, *packet_, from.time_base);
  av_packet_unref(packet_.get());
  return failed;
}

// Muxers refuse times that do not rise, as a damaged or carelessly cut file has them.
void RemuxedStreams::straighten(std::size_t stream, AVPacket& packet) {
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts;
  if (packet.pts == AV_NOPTS_VALUE) packet.pts = packet.dts;
  if (packet.dts == AV_NOPTS_VALUE) return;
  std::int64_t& last = last_[stream];
  const AVMediaType type = streams_[stream].copy->codecpar->codec_type;
  const bool may_stay = type == AVMEDIA_TYPE_SUBTITLE || type == AVMEDIA_TYPE_DATA ||
                        (to_.oformat->flags & AVFMT_TS_NONSTRICT) != 0;
  const std::int64_t least = last == AV_NOPTS_VALUE ? packet.dts : last + (may_stay ? 0 : 1);
  if (packet.dts < least) {
    constexpr double worth_telling = 0.01;  // s
    const double step =
        static_cast<double>(least - packet.dts) * av_q2d(streams_[stream].copy->time_base);
    if (!said_ && step > worth_telling) {
      said_ = true;
      notify(
          notices_,
          fmt::format("'{}': time stamps of its {} step back by {:.2f} s, as those of "
                      "joined clips do; they are put in order",
                      name_, type == AVMEDIA_TYPE_AUDIO ? "sound" : av_get_media_type_string(type),
                      step));
    }
    packet.dts = least;
  }
  packet.pts = std::max(packet.pts, packet.dts);
  last = packet.dts;
}

int RemuxedStreams::write(std::size_t stream, AVPacket& packet, AVRational unit) {
  const AVStream& copy = *streams_[stream].copy;
  av_packet_rescale_ts(&packet, unit, copy.time_base);
  if (delay_is_missing_ && copy.codecpar->initial_padding > 0) {
    const std::int64_t delay = av_rescale_q(copy.codecpar->initial_padding,
                                            {1, copy.codecpar->sample_rate}, copy.time_base);
    if (packet.pts != AV_NOPTS_VALUE) packet.pts += delay;
    if (packet.dts != AV_NOPTS_VALUE) packet.dts += delay;
  }
  // AVI begins at 0, so what an encoder puts in front would make the sound late
  const bool is_in_front = packet.pts != AV_NOPTS_VALUE && packet.pts + packet.duration / 2 < 0;
  if (streams_[stream].conversion && is_in_front && to_.oformat->name == std::string("avi"))
    return 0;
  straighten(stream, packet);
  packet.stream_index = copy.index;
  return av_interleaved_write_frame(&to_, &packet);
}

}  // namespace reverie::ffmpeg
