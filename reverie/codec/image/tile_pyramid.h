// tile_pyramid.h: a large picture as tiles of many sizes, for viewers that show a part of it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

struct TilePyramid {
  std::int64_t width = 0, height = 0;  // of the picture, upright
  int tile = 512;  // px, the side of a tile; those at the right and below are smaller
  int levels = 0;  // each twice as large as the one before it; the first is one tile
};

// Levels of a pyramid of such a picture.
int tile_levels(std::int64_t width, std::int64_t height, int tile);

// Writes FOLDER/LEVEL/X_Y.jpg, 8 bits in sRGB without metadata, LEVEL from 0 (one tile) to levels -
// 1 (the picture's own size), X and Y counted from the upper left corner; .png where the picture
// has transparency. Reads the picture once from the top down and holds some rows of tiles at a
// time. `folder` must not exist, its parent must; what is unfinished is removed. `cancel` is seen
// between strips of the picture; then levels is 0. Errors: as read_image; FileFailure for a folder
// that cannot be written; CodecFailure for a libvips that cannot write pyramids.
TilePyramid write_tile_pyramid(const std::filesystem::path& picture,
                               const std::filesystem::path& folder,
                               const CancelToken* cancel = nullptr, int tile = 512,
                               int quality = 85);

// A picture, 8 bits in sRGB, at most `side` px on its longer side (resampled by Lanczos' filter,
// never enlarged), read likewise: a large one is never in memory as a whole. Errors: as read_image.
Image read_image_shrunk(const std::filesystem::path& path, std::int64_t side);

}  // namespace reverie
