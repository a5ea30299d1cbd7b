#include "reverie/octave/pyramid.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

std::int64_t shrunk(std::int64_t pixels, double scale) {
  // nearbyint rounds halves to even, as Python's round does
  return std::max<std::int64_t>(
      static_cast<std::int64_t>(std::nearbyint(static_cast<double>(pixels) / scale)), 1);
}

}  // namespace

std::vector<Size> pyramid_sizes(Size full, int octaves, double scale) {
  std::vector<Size> sizes{full};
  while (static_cast<int>(sizes.size()) < octaves)
    sizes.push_back({shrunk(sizes.back().height, scale), shrunk(sizes.back().width, scale)});
  std::reverse(sizes.begin(), sizes.end());
  return sizes;
}

std::vector<Size> drop_misfits(std::vector<Size> sizes, const std::function<bool(Size)>& fits) {
  const Size full = sizes.back();
  std::erase_if(sizes, [&](Size size) { return size != full && !fits(size); });
  // Levels that rounding made equal would be dreamed twice
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

}  // namespace reverie
