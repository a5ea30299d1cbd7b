// video_open.h: opens a video file. Internal to codec/.
#pragma once

#include <filesystem>
#include <string>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Errors: FileFailure when it cannot be opened; BadImage when it is not a video.
InputOwner open_video(const std::filesystem::path& path);

// The stream of moving pictures; null where there is none. Covers are set to be passed over when
// the file is read.
AVStream* find_pictures(AVFormatContext& video);

// `name` is the video's, for messages. Errors: CodecFailure.
Owner<AVCodecContext> open_picture_decoder(const AVStream& stream, const std::string& name);

}  // namespace reverie::ffmpeg
