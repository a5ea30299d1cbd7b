// filming.h: what `video` and `redo` share: a video, a recipe, and the video that dreams.
#pragma once

#include "apps/cli/film_task.h"

namespace reverie::cli {

struct VideoTask : VideoTaskBase {
  std::string video;  // the source's path
  std::string name;   // what the dream calls it; empty: its file's name
  VideoSettings settings;
  bool report = false;  // measure and tell how much it flickers
};

// Dreams what is missing of the video and writes it. Returns an ExitStatus. Errors: as
// open_network, VideoSource, Checkpoint, VideoPipeline.
int make_video(VideoTask task, Session& session);

}  // namespace reverie::cli
