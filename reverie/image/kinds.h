// kinds.h: the options for keeping properties of an image.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Which statistics of a picture are matched.
enum class ToneMatch {
  none,
  mean,  // the mean of red, green and blue: brightness and tint
  full   // these, and contrast and saturation within tone_bound
};

}  // namespace reverie
