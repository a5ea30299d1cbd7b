// sequence_reader.h: reads pictures in files of their own as the frames of a video. Internal to
// codec/.
#pragma once

#include <filesystem>
#include <memory>

#include "reverie/base/notice.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {

// Errors: FileFailure where there is no picture; BadImage for one that cannot be read, or that has
// another size than the first.
std::unique_ptr<VideoReader::Video> read_sequence(const std::filesystem::path& path,
                                                  const NoticeSink& notices,
                                                  const VideoReaderOptions& options);

}  // namespace reverie
