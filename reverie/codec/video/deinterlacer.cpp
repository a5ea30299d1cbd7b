#include "reverie/codec/video/deinterlacer.h"

#include <fmt/format.h>

namespace reverie::ffmpeg {

FrameFilter::FrameFilter(const AVStream& stream, std::string description)
    : description_(std::move(description)),
      time_base_(stream.time_base),
      rate_(stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate) {}

void FrameFilter::run(AVFrame* frame, const std::function<void(AVFrame&)>& next) {
  if (frame == nullptr) {
    if (graph_) graph_->run(nullptr, next);
    return;
  }
  std::string form = fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}", frame->width,
                                 frame->height, frame->format, time_base_.num, time_base_.den);
  if (rate_.num > 0 && rate_.den > 0)
    form += fmt::format(":frame_rate={}/{}", rate_.num, rate_.den);
  if (form != form_) {
    if (graph_) graph_->run(nullptr, next);
    graph_.emplace("buffer", form, description_, "buffersink");
    form_ = form;
  }
  graph_->run(frame, next);
}

std::string deinterlacing_filters(Deinterlacing wanted, const FrameTraits& traits,
                                  AVRational rate) {
  if (wanted == Deinterlacing::no) return "";
  if (wanted == Deinterlacing::automatic && !traits.interlaced && !traits.telecined) return "";
  const char* const first = traits.top_first ? "tff" : "bff";
  // Frames that are missing are filled in first, for what follows counts them; where no fields
  // match, the scene was edited after it was telecined
  if (traits.telecined && wanted == Deinterlacing::automatic)
    return fmt::format(
        "fps={}/{},setfield={},fieldmatch=order=auto:combmatch=full,"
        "bwdif=mode=send_frame:deint=interlaced,decimate",
        rate.num, rate.den, first);
  if (traits.marked && wanted == Deinterlacing::automatic)
    return "bwdif=mode=send_frame:parity=auto:deint=interlaced";
  if (traits.marked) return "bwdif=mode=send_frame:parity=auto:deint=all";
  return fmt::format("setfield={},bwdif=mode=send_frame:parity=auto:deint=all", first);
}

}  // namespace reverie::ffmpeg
