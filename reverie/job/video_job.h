// video_job.h: makes zooms and videos, new ones and redone ones.
#pragma once

#include "reverie/job/document.h"
#include "reverie/job/source_picture.h"

namespace reverie {

// A zoom out of `source`. `output` has a path. Errors: as open_network, Zoom, Checkpoint,
// VideoWriter.
JobResult make_zoom(JobContext& context, DreamSetup setup, const ZoomSettings& settings,
                    const SourcePicture& source, const OutputSpec& output);

// A video of the file `source`, which its document calls `name`. Errors: as open_network,
// VideoSource, Checkpoint, VideoPipeline.
JobResult make_video(JobContext& context, DreamSetup setup, const VideoSettings& settings,
                     const std::string& source, const std::string& name, const OutputSpec& output);

// Whether a zoom has preset recursive and faithful, and so follows the original program.
bool is_faithful_recursion(const JobSpec& spec);

// Such a zoom: frames dream/NAME/img_0.jpg to img_N.jpg, where N is the settings' `frames` and
// img_0 the picture itself; those that exist are skipped. Then the video of all of them: the
// output, or NAME.avi. Errors: BadJob for settings of a zoom that the program does not have; as
// RecursiveZoom, VideoWriter.
JobResult make_recursive_zoom(JobContext& context);

JobResult run_zoom(JobContext& context);
JobResult run_video(JobContext& context);
JobResult run_redo(JobContext& context);

}  // namespace reverie
