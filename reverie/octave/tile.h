// tile.h: a part of a canvas.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reverie/tensor/tensor.h"

namespace reverie {

struct Tile {
  std::int64_t top, left, height, width;  // px

  friend bool operator==(const Tile&, const Tile&) = default;
};

// Overwrites `to`, [3, tile.height, tile.width], with that part of a canvas [3,H,W]. REQUIRES: the
// tile lies in the canvas.
inline void copy_tile(ConstView canvas, const Tile& tile, View to) {
  for (std::int64_t line = 0; line < 3 * tile.height; ++line)
    std::copy_n(&canvas.at(line / tile.height, tile.top + line % tile.height, tile.left),
                tile.width, to.data() + line * tile.width);
}

}  // namespace reverie
