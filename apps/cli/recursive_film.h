// recursive_video.h: `reverie zoom --preset recursive --faithful`: files and names as the original
// program has them.
#pragma once

#include "apps/cli/zooming.h"

namespace reverie::cli {

// Frames dream/NAME/img_0.jpg to img_N.jpg, where N is the settings' `frames` and img_0 the picture
// itself; those that exist are skipped. Then the video, of all of them: task.output.path, or
// NAME.avi when that is empty. Settings of a zoom that the program does not have are refused.
// Errors: UsageError; as RecursiveZoom, VideoWriter.
int make_recursive_video(const ZoomTask& task, const std::string& name, Session& session);

}  // namespace reverie::cli
