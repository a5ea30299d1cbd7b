#include "reverie/octave/pyramid.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

// One side at `level` levels above (or, negative, below) the picture's, given the neighbour's that
// is nearer to it.
std::int64_t side_at(std::int64_t full, std::int64_t neighbour, int level, double scale,
                     SizeRule rule) {
  const auto near = static_cast<double>(neighbour);
  double side = 0;
  switch (rule) {
    case SizeRule::chain_rounded:
      // nearbyint rounds halves to even, as Python's round does
      side = std::nearbyint(level < 0 ? near / scale : near * scale);
      break;
    case SizeRule::chain_truncated:
      side = std::trunc(near * (level < 0 ? 1 / scale : scale));
      break;
    case SizeRule::chain_truncated_float: {
      const auto factor = static_cast<float>(scale), narrow = static_cast<float>(neighbour);
      side = std::trunc(level < 0 ? narrow / factor : narrow * factor);
      break;
    }
    case SizeRule::list_truncated:
      side = std::trunc(static_cast<float>(full) * static_cast<float>(std::pow(scale, level)));
      break;
    case SizeRule::list_rounded:
      side = std::nearbyint(static_cast<double>(full) * std::pow(scale, level));
      break;
  }
  return std::max<std::int64_t>(static_cast<std::int64_t>(side), 1);
}

}  // namespace

std::vector<Size> pyramid_sizes(Size full, int octaves, double scale, SizeRule rule, int above) {
  const auto next = [&](Size near, int level) {
    return Size{side_at(full.height, near.height, level, scale, rule),
                side_at(full.width, near.width, level, scale, rule)};
  };
  std::vector<Size> sizes{full};
  for (int level = -1; level > above - octaves; --level) sizes.push_back(next(sizes.back(), level));
  std::reverse(sizes.begin(), sizes.end());
  for (int level = 1; level <= above; ++level) sizes.push_back(next(sizes.back(), level));
  return sizes;
}

std::vector<Size> drop_misfits(std::vector<Size> sizes, Size full,
                               const std::function<bool(Size)>& fits) {
  std::erase_if(sizes, [&](Size size) { return size != full && !fits(size); });
  // Levels that rounding made equal would be dreamed twice
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

}  // namespace reverie
