// container_metadata.h: chapters and metadata of one video for another. Internal to codec/.
#pragma once

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Copies chapters, earlier by `offset` microseconds; what lies before 0 is left out.
void copy_chapters(const AVFormatContext& from, AVFormatContext& to, std::int64_t offset);

// Copies all but what speaks of the old container. The comment is the recipe's place, so another
// one moves.
void copy_metadata(const AVFormatContext& from, AVFormatContext& to);

}  // namespace reverie::ffmpeg
