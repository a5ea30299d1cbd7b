// video_open.h: opens a video file. Internal to codec/.
#pragma once

#include <filesystem>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Errors: FileFailure when it cannot be opened; BadImage when it is not a video.
InputOwner open_video(const std::filesystem::path& path);

}  // namespace reverie::ffmpeg
