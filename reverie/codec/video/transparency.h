// transparency.h: what becomes of the transparent parts of a video's frames. Internal to codec/.
#pragma once

#include <array>
#include <string>

#include "reverie/base/api.h"
#include "reverie/image/image.h"

namespace REVERIE_PRIVATE_API reverie {

// Lays a frame over a background, RGB 0..255, which makes it opaque. With `keep_alpha` it stays
// transparent and shows the background only where it would show nothing at all, so that what is
// hidden, often noise, does not enter the dream. Opaque frames are left as they are.
void compose_on(const std::array<int, 3>& background, bool keep_alpha, Image& frame);

// That the background shows through the video of that name.
std::string transparency_notice(const std::string& name);

}  // namespace reverie
