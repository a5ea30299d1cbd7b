// zoom_pipeline.h: dreams the frames of a zoom and writes its video.
#pragma once

#include <filesystem>
#include <functional>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/base/notice.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/video_output.h"
#include "reverie/video/zoom.h"

namespace REVERIE_API reverie {

class ZoomFilm;

struct ZoomPipelineResult {
  int frames = 0;         // that the video shows
  bool complete = false;  // false when cancelled
};

// Makes one zoom. Frames that the checkpoint holds are not dreamed again. The video is written at
// the end, because the first frames of a loop may depend on those after its end. What a longer zoom
// needs is kept beside it.
class ZoomPipeline {
 public:
  // All must outlive this.
  ZoomPipeline(const VideoTarget& target, const ZoomSettings& settings, Zoom& zoom,
               Checkpoint& checkpoint);

  // The number of frames to dream, including those of the loop.
  int wanted() const { return frames_to_dream(settings_); }

  // `dreamed` is called for each finished frame. When cancelled, the video ends after the current
  // frame. Errors: as Zoom, Checkpoint, VideoWriter; what was finished is kept.
  ZoomPipelineResult make(const CancelToken& cancel,
                          const std::function<void(int frames, ConstView canvas)>& dreamed,
                          const NoticeSink& notices);

 private:
  void check_output() const;
  ZoomFilm film(const NoticeSink& notices) const;
  void next_frame(const NoticeSink& notices);
  void write(int frames, bool complete, const NoticeSink& notices) const;
  void write_dissolved(int frames) const;
  void write_way_back(int frames) const;
  bool may_grow(const NoticeSink& notices) const;
  void keep_state(const NoticeSink& notices) const;

  const VideoTarget& target_;
  const ZoomSettings& settings_;
  Zoom& zoom_;
  Checkpoint& checkpoint_;
  const int resumed_;
};

}  // namespace reverie
