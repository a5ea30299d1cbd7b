// zooming.h: what `zoom` and `redo` share: one picture, a recipe, and the video that grows from
// them.
#pragma once

#include "apps/cli/film_task.h"
#include "apps/cli/session.h"
#include "apps/cli/source_file.h"

namespace reverie::cli {

struct ZoomTask : VideoTaskBase {
  SourceFile source;
  ZoomSettings settings;
};

// Dreams what is missing of the video and writes it. Returns an ExitStatus. Errors: as
// open_network, Zoom, Checkpoint, VideoWriter.
int make_zoom(ZoomTask task, Session& session);

}  // namespace reverie::cli
