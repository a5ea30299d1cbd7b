// pyramid.h: the sizes at which one picture is dreamed, from coarse to fine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace reverie {

struct Size {
  std::int64_t height = 0;  // px
  std::int64_t width = 0;   // px

  friend bool operator==(const Size&, const Size&) = default;
};

// The sizes of `octaves` levels, smallest first; the last is `full`. Each is its larger neighbour's
// divided by `scale` and rounded, halves to even, as the notebook's chain of zooms does. REQUIRES:
// octaves >= 1, scale > 1.
std::vector<Size> pyramid_sizes(Size full, int octaves, double scale);

// Without the levels that `fits` refuses. The full size is never dropped.
std::vector<Size> drop_misfits(std::vector<Size> sizes, const std::function<bool(Size)>& fits);

}  // namespace reverie
