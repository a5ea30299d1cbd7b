// kinds.h: what of an image can be kept.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// What of a picture's tone is kept.
enum class ToneMatch {
  none,
  mean,  // the mean of red, green and blue: brightness and tint
  full   // these, and contrast and saturation within tone_bound
};

}  // namespace reverie
