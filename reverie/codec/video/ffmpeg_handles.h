// ffmpeg_handles.h: owners for FFmpeg's objects, and its errors as text. Internal to codec/.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace reverie::ffmpeg {

struct Free {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};
template <class T>
using Owner = std::unique_ptr<T, Free>;

struct CloseInput {
  void operator()(AVFormatContext* video) const { avformat_close_input(&video); }
};
using InputOwner = std::unique_ptr<AVFormatContext, CloseInput>;

// Closes the file too, where one is open.
struct CloseOutput {
  void operator()(AVFormatContext* video) const {
    if (video->pb != nullptr) avio_closep(&video->pb);
    avformat_free_context(video);
  }
};
using OutputOwner = std::unique_ptr<AVFormatContext, CloseOutput>;

// "No space left on device".
inline std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

// Silences FFmpeg's own messages, because errors are reported by us. The log level is that of the
// whole process.
inline void hush() { av_log_set_level(AV_LOG_QUIET); }

}  // namespace reverie::ffmpeg
