// video_pipeline.h: from a video to a dreamed video: reads, dreams and writes at the same time.
#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/base/channel.h"
#include "reverie/base/notice.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/video.h"
#include "reverie/video/video_output.h"
#include "reverie/video/video_source.h"

namespace REVERIE_API reverie {

// `form` has no times and remuxed streams; they come from the source.
struct VideoPipelineOptions : VideoTarget {
  std::filesystem::path video = {};                // the source, for its sound
  double end = 0;                                  // s; 0: the sound goes on to its own end
  SoundHandling sound = SoundHandling::automatic;  // of the source
  RemuxSource music = {};                          // instead of it; no video: none
  bool keep_alpha = false;                         // as the source was opened
  bool measure = false;
};

struct VideoPipelineResult {
  int frames = 0, scenes = 0;  // in the video; that began in this run
  bool complete = false;       // false when cancelled
  std::int64_t skipped_packets = 0;
  int measured = 0;                        // pairs of frames
  double flicker = 0, source_flicker = 0;  // means over them, in grey levels
};

// Makes one video. Frames that `checkpoint` holds are not dreamed again. The calling thread dreams
// one frame at a time; a second thread reads and estimates motion a few frames ahead, a third
// writes a few frames behind, so memory does not grow with the length.
class VideoPipeline {
 public:
  // All must outlive this.
  VideoPipeline(const VideoPipelineOptions& options, VideoSource& source, Video& video,
                Checkpoint& checkpoint);

  // `dreamed` is called for each finished frame with its canvas, on the calling thread; `notices`
  // is called from several. When cancelled, the video ends after the current frame.
  // Errors: as VideoSource, Video, Checkpoint, VideoWriter; BadImage when there is no frame; what
  // was finished is kept.
  VideoPipelineResult make(const CancelToken& cancel,
                           const std::function<void(int frames, ConstView canvas)>& dreamed,
                           const NoticeSink& notices);

 private:
  struct Made {
    FrameTime time;
    Tensor canvas;  // empty for a frame that is on disk
    std::shared_ptr<const Tensor> alpha;
  };
  std::string advised(const std::string& error, const std::string& change) const;
  void make_frames(const CancelToken& cancel,
                   const std::function<void(int frames, ConstView canvas)>& dreamed,
                   const NoticeSink& notices);
  void read();
  void dream(const CancelToken& cancel,
             const std::function<void(int frames, ConstView canvas)>& dreamed,
             const NoticeSink& notices);
  void dream(const VideoFrame& frame, const NoticeSink& notices);
  void measure(const VideoFrame& frame);
  void write();
  void write(Made made);
  void open_video(const Shape& frame, const NoticeSink& notices);
  void finish_video();

  const VideoPipelineOptions& options_;
  VideoSource& source_;
  Video& video_;
  Checkpoint& checkpoint_;
  const int resumed_;
  Channel<VideoFrame> frames_{2};
  Channel<Made> made_{2};
  std::exception_ptr read_error_, write_error_;
  std::optional<VideoOutput> output_;
  int written_ = 0;
  Tensor canvas_, last_canvas_, scratch_;
  VideoPipelineResult result_;
};

}  // namespace reverie
