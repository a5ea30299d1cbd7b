// cloudscape.h: renders a picture to dream on from a seed.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

// Cumulus clouds over hills and a lake, lit by a low sun: structure at every scale, which is what a
// dream grows on. Every seed is another sky.
//
// Returns an opaque frame of `width` x `height` pixels, 0..255 sRGB with fractions. The same bits
// at any thread count. Errors: BadShape when a side is less than 1 or more than 32768.
Image cloudscape(std::int64_t width, std::int64_t height, std::uint64_t seed);

}  // namespace reverie
