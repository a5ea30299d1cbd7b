// video_join.h: videos out of the encoded pictures of others, which are not decoded. Internal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/codec/video/video_write.h"

namespace REVERIE_PRIVATE_API reverie {

// Pictures `first` to `first` + `count` - 1 of a video, in the order in which they are stored. They
// must need no other picture: the part begins and ends where an encoder began and ended.
struct VideoPart {
  std::filesystem::path video;
  std::int64_t first = 0, count = 0;
};

// The number of pictures that are stored in a video. Errors: as VideoReader.
std::int64_t count_pictures(const std::filesystem::path& video);

// A checksum of a part's bytes, the same in every container. Errors: as VideoReader; BadImage when
// the video has fewer pictures.
std::string checksum_of(const VideoPart& part);

// Writes one video of all parts, one after another at `options.fps`, their bytes unchanged. Quality
// and codec of `options` do nothing. Errors: as VideoWriter; CodecFailure when the parts are not
// encoded alike; as checksum_of.
void join_videos(const std::filesystem::path& path, const std::vector<VideoPart>& parts,
                 const VideoOptions& options, const NoticeSink& notices = {});

}  // namespace reverie
