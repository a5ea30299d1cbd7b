#include "reverie/codec/video/filter_graph.h"

#include <fmt/format.h>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include "reverie/base/error.h"

namespace reverie::ffmpeg {
namespace {

void check(int code, const std::string& description) {
  if (code < 0)
    throw CodecFailure(
        fmt::format("FFmpeg's filters '{}' cannot be used: {}", description, error_text(code)));
}

}  // namespace

FilterGraph::FilterGraph(const char* source, const std::string& form,
                         const std::string& description, const char* sink)
    : graph_(avfilter_graph_alloc()), filtered_(av_frame_alloc()) {
  check(avfilter_graph_create_filter(&source_, avfilter_get_by_name(source), "in", form.c_str(),
                                     nullptr, graph_.get()),
        description);
  check(avfilter_graph_create_filter(&sink_, avfilter_get_by_name(sink), "out", nullptr, nullptr,
                                     graph_.get()),
        description);

  // Seen from the description, our source is where its input comes from, and our sink its output
  AVFilterInOut* outputs = avfilter_inout_alloc();
  AVFilterInOut* inputs = avfilter_inout_alloc();
  *outputs = {av_strdup("in"), source_, 0, nullptr};
  *inputs = {av_strdup("out"), sink_, 0, nullptr};
  const int parsed =
      avfilter_graph_parse_ptr(graph_.get(), description.c_str(), &inputs, &outputs, nullptr);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  check(parsed, description);
  check(avfilter_graph_config(graph_.get(), nullptr), description);
}

void FilterGraph::run(AVFrame* frame, const std::function<void(AVFrame&)>& next) {
  check(av_buffersrc_add_frame_flags(source_, frame, AV_BUFFERSRC_FLAG_KEEP_REF), "buffer");
  while (true) {
    const int code = av_buffersink_get_frame(sink_, filtered_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    check(code, "buffersink");
    next(*filtered_);
    av_frame_unref(filtered_.get());
  }
}

AVRational FilterGraph::unit() const { return av_buffersink_get_time_base(sink_); }

}  // namespace reverie::ffmpeg
