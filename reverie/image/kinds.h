// kinds.h: what of an image can be kept.
#pragma once

namespace reverie {

// What of a picture's tone is kept.
enum class ToneMatch {
  none,
  mean,  // the mean of red, green and blue: brightness and tint
  full   // these, and contrast and saturation within tone_bound
};

}  // namespace reverie
