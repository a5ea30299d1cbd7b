#include "reverie/codec/video/clip_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace reverie::ffmpeg {
namespace {

constexpr AVRational microseconds{1, AV_TIME_BASE};
constexpr std::int64_t max_ahead = 10 * AV_TIME_BASE;
// Files that cannot have gaps have unsteady time stamps rather than clips
constexpr std::int64_t max_back_with_gaps = AV_TIME_BASE / 10, max_back = AV_TIME_BASE;

bool has_own_time(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  return (type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO) &&
         (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
}

std::int64_t duration_of(const AVPacket& packet, const AVStream& stream) {
  if (packet.duration > 0) return av_rescale_q(packet.duration, stream.time_base, microseconds);
  const AVRational rate = stream.avg_frame_rate;
  return rate.num > 0 && rate.den > 0 ? av_rescale(AV_TIME_BASE, rate.den, rate.num) : 0;
}

}  // namespace

ClipTimes::ClipTimes(const AVFormatContext& video, std::string name, NoticeSink notices)
    : video_(video),
      name_(std::move(name)),
      notices_(std::move(notices)),
      has_gaps_((video.iformat->flags & AVFMT_TS_DISCONT) != 0),
      streams_(video.nb_streams) {}

// How much later than expected a time is; negative: earlier. A stream may pause while others go on.
std::int64_t ClipTimes::lateness(const Stream& stream, std::int64_t time) const {
  if (time <= stream.next) return time - stream.next;
  return std::max<std::int64_t>(time - std::max(stream.next, end_), 0);
}

bool ClipTimes::is_jump(std::int64_t late) const {
  return late < -(has_gaps_ ? max_back_with_gaps : max_back) || (has_gaps_ && late > max_ahead);
}

// Finds the clip of a packet that the file gives this time of decoding and of being shown.
void ClipTimes::find_clip(Stream& stream, std::int64_t time, std::int64_t shown) {
  const std::size_t last = offsets_.size() - 1;
  if (stream.next == AV_NOPTS_VALUE) {
    stream.clip = last;
    return;
  }
  const std::int64_t late = lateness(stream, time + offsets_[stream.clip]);
  if (!is_jump(late)) return;
  // Another stream may have found the clip's beginning before this one
  const std::int64_t late_in_last = lateness(stream, time + offsets_[last]);
  if (stream.clip < last && std::llabs(late_in_last) < std::llabs(late)) {
    stream.clip = last;
    if (!is_jump(late_in_last)) return;
  }
  if (last == 0) tell(late, stream.next);
  // After the longest stream of the clip before it, so that none overlaps
  offsets_.push_back(shown_end_ - shown);
  stream.clip = last + 1;
}

void ClipTimes::tell(std::int64_t late, std::int64_t at) {
  if (video_.start_time != AV_NOPTS_VALUE) at -= video_.start_time;
  notify(notices_,
         fmt::format("'{}': its time stamps jump by {:.1f} s at {:.1f} s, as those of joined clips "
                     "do; what follows is moved, so that sound and pictures stay together",
                     name_, static_cast<double>(late) / AV_TIME_BASE,
                     static_cast<double>(at) / AV_TIME_BASE));
}

void ClipTimes::run(AVPacket& packet) {
  const auto index = static_cast<std::size_t>(packet.stream_index);
  if (index >= streams_.size()) streams_.resize(index + 1);  // found only now
  const AVStream& from = *video_.streams[index];
  Stream& stream = streams_[index];
  const bool is_timed = has_own_time(from);
  if (!is_timed) stream.clip = offsets_.size() - 1;
  if (is_timed && packet.dts != AV_NOPTS_VALUE) {
    const std::int64_t time = av_rescale_q(packet.dts, from.time_base, microseconds);
    const std::int64_t shown = packet.pts == AV_NOPTS_VALUE
                                   ? time
                                   : av_rescale_q(packet.pts, from.time_base, microseconds);
    find_clip(stream, time, shown);
    const std::int64_t to_end = offsets_[stream.clip] + duration_of(packet, from);
    stream.next = time + to_end;
    end_ = std::max(end_, stream.next);
    shown_end_ = std::max(shown_end_, shown + to_end);
  }
  const std::int64_t offset = av_rescale_q(offsets_[stream.clip], microseconds, from.time_base);
  if (packet.pts != AV_NOPTS_VALUE) packet.pts += offset;
  if (packet.dts != AV_NOPTS_VALUE) packet.dts += offset;
}

}  // namespace reverie::ffmpeg
