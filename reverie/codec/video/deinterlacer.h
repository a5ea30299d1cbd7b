// deinterlacer.h: progressive frames from interlaced ones. Internal to codec/.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "reverie/codec/kinds.h"
#include "reverie/codec/video/filter_graph.h"
#include "reverie/codec/video/frame_analysis.h"

namespace reverie::ffmpeg {

// Decoded frames of a stream through FFmpeg's filters; these are set up anew when the size or the
// format of the frames changes. Errors: as FilterGraph.
class FrameFilter {
 public:
  FrameFilter(const AVStream& stream, std::string description);

  // As FilterGraph::run; times that come out are in unit().
  void run(AVFrame* frame, const std::function<void(AVFrame&)>& next);
  // REQUIRES: a frame was run.
  AVRational unit() const { return graph_->unit(); }

 private:
  const std::string description_;
  const AVRational time_base_, rate_;
  std::string form_;  // what graph_ was made for
  std::optional<FilterGraph> graph_;
};

// The filters for a video; empty for none. For telecined film four frames come out of five.
std::string deinterlacing_filters(Deinterlacing wanted, const FrameTraits& traits, AVRational rate);

}  // namespace reverie::ffmpeg
