// filter_graph.h: frames or sound through a chain of FFmpeg's filters. Internal to codec/.
#pragma once

#include <functional>
#include <string>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Errors of all functions: CodecFailure where FFmpeg was built without one of the filters.
class FilterGraph {
 public:
  // `source` and `sink` are "buffer" and "buffersink", or their likes for sound; `form` is what
  // goes in, `description` the chain between: "hflip,vflip".
  FilterGraph(const char* source, const std::string& form, const std::string& description,
              const char* sink);

  // Takes a frame, of which it keeps what it needs, or null at the end, and passes those that come
  // out to `next`; they are gone when that returns.
  void run(AVFrame* frame, const std::function<void(AVFrame&)>& next);

  // Of the times of what comes out.
  AVRational unit() const;
  AVFilterContext* sink() const { return sink_; }

 private:
  Owner<AVFilterGraph> graph_;
  AVFilterContext* source_ = nullptr;  // owned by the graph
  AVFilterContext* sink_ = nullptr;
  Owner<AVFrame> filtered_;
};

}  // namespace reverie::ffmpeg
