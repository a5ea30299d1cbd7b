// animated_webp.h: reads animated WebP as a video, by libvips, because FFmpeg does not decode it.
// Internal to codec/ and video/.
#pragma once

#include <filesystem>
#include <memory>

#include "reverie/base/notice.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {

// Whether a file is WebP, animated or not, by its first bytes.
bool is_webp(const std::filesystem::path& path);

// Frames come composed, each for its own time. One that cannot be decoded ends the video, with a
// notice. Errors: FileFailure; BadImage when the first cannot be, or the file is damaged before.
std::unique_ptr<VideoReader::Video> read_webp(const std::filesystem::path& path,
                                              const NoticeSink& notices,
                                              const VideoReaderOptions& options);

}  // namespace reverie
