#include "reverie/video/video_source.h"

#include <algorithm>
#include <cmath>

#include "reverie/dream/dreamer.h"

namespace reverie {
namespace {

std::optional<FlowEffort> effort_of(MotionSearch search) {
  if (search == MotionSearch::none) return {};
  return search == MotionSearch::fast ? FlowEffort::fast : FlowEffort::medium;
}

}  // namespace

VideoSource::VideoSource(const std::filesystem::path& video, const VideoSettings& settings,
                         std::optional<WantedSize> size, const NoticeSink& notices, bool keep_alpha)
    : reader_(video, notices,
              {settings.deinterlace, keep_alpha, parse_color(settings.background), settings.fps}),
      settings_(settings),
      size_(size),
      finder_(effort_of(settings.flow)) {}

int VideoSource::expected() const {
  const double end = settings_.end > 0 ? std::min(settings_.end, info().seconds) : info().seconds;
  if (settings_.start == 0 && end == info().seconds) return static_cast<int>(info().frames);
  return static_cast<int>(std::lround(std::max(end - settings_.start, 0.0) * info().fps));
}

// Goes to the next frame within the part that is wanted.
bool VideoSource::find_frame(bool with_picture) {
  constexpr double slack = 1e-6;  // s; times on the mark belong to what begins there
  do {
    // Until the part begins no pixel need be converted
    const bool is_in_part = number_ > 0 || settings_.start == 0;
    if (!(is_in_part && with_picture ? reader_.next(frame_) : reader_.skip())) return false;
  } while (number_ == 0 && reader_.seconds() < settings_.start - slack);
  return settings_.end == 0 || reader_.seconds() < settings_.end - slack;
}

bool VideoSource::next(VideoFrame& frame) {
  const bool with_picture = number_ >= first_picture_;
  if (!find_frame(with_picture)) return false;
  if (number_ == 0 && settings_.start > 0) {
    offset_ = reader_.time().start;
    if (with_picture) reader_.convert(frame_);
  }
  frame = {};
  frame.number = number_++;
  frame.time = {reader_.time().start - offset_, reader_.time().duration};
  if (!with_picture) return true;

  frame.before = last_;
  Image sized = sized_for_dream(frame_, size_);
  frame.picture = std::make_shared<const Tensor>(std::move(sized.color));
  if (!sized.alpha.empty()) frame.alpha = std::make_shared<const Tensor>(std::move(sized.alpha));
  if (frame.before) finder_.run(*frame.before, *frame.picture, frame.motion);
  last_ = frame.picture;
  return true;
}

}  // namespace reverie
