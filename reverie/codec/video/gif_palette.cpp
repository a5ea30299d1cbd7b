#include "reverie/codec/video/gif_palette.h"

#include <fmt/format.h>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include "reverie/base/error.h"

namespace reverie::ffmpeg {
namespace {

// One palette a frame: in a zoom everything changes all the time. The small ordered pattern stands
// still where the picture does, so it neither crawls nor swells the file.
constexpr const char* description =
    "[in]split[colours][pictures];[colours]palettegen=stats_mode=single[palettes];"
    "[pictures][palettes]paletteuse=new=1:dither=bayer:bayer_scale=4[out]";

void check(int code) {
  if (code < 0)
    throw CodecFailure(fmt::format("cannot make palettes for a GIF: {}", error_text(code)));
}

}  // namespace

PaletteFilter::PaletteFilter(int width, int height, AVRational time_base)
    : graph_(avfilter_graph_alloc()), coloured_(av_frame_alloc()) {
  const std::string form =
      fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect=1/1", width, height,
                  static_cast<int>(AV_PIX_FMT_RGB24), time_base.num, time_base.den);
  const AVFilter* source = avfilter_get_by_name("buffer");
  const AVFilter* sink = avfilter_get_by_name("buffersink");
  check(avfilter_graph_create_filter(&source_, source, "in", form.c_str(), nullptr, graph_.get()));
  check(avfilter_graph_create_filter(&sink_, sink, "out", nullptr, nullptr, graph_.get()));

  // Seen from the description, our source is where its input comes from, and our sink its output
  AVFilterInOut* outputs = avfilter_inout_alloc();
  AVFilterInOut* inputs = avfilter_inout_alloc();
  *outputs = {av_strdup("in"), source_, 0, nullptr};
  *inputs = {av_strdup("out"), sink_, 0, nullptr};
  const int parsed =
      avfilter_graph_parse_ptr(graph_.get(), description, &inputs, &outputs, nullptr);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  check(parsed);
  check(avfilter_graph_config(graph_.get(), nullptr));
}

void PaletteFilter::run(AVFrame* rgb, const std::function<void(AVFrame*)>& next) {
  check(av_buffersrc_add_frame_flags(source_, rgb, AV_BUFFERSRC_FLAG_KEEP_REF));
  while (true) {
    const int code = av_buffersink_get_frame(sink_, coloured_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    check(code);
    next(coloured_.get());
    av_frame_unref(coloured_.get());
  }
}

}  // namespace reverie::ffmpeg
