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

// How a program computes the sizes of its octaves.
enum class SizeRule {
  chain_rounded,          // each from its neighbour, halves to even, as the notebook's zooms do
  chain_truncated,        // each from its neighbour, rounded down
  chain_truncated_float,  // the same, computed in float32
  list_truncated,         // each from the picture's own size in float32, rounded down
  list_rounded            // each from the picture's own size, halves to even
};

// The sizes of `octaves` levels, smallest first, neighbours `scale` apart; `above` of them are
// larger than `full`, which is among them. REQUIRES: octaves >= 1, scale >= 1, 0 <= above <
// octaves.
std::vector<Size> pyramid_sizes(Size full, int octaves, double scale,
                                SizeRule rule = SizeRule::chain_rounded, int above = 0);

// Removes sizes that `fits` refuses, and repetitions. `full` is never removed.
std::vector<Size> drop_misfits(std::vector<Size> sizes, Size full,
                               const std::function<bool(Size)>& fits);

}  // namespace reverie
