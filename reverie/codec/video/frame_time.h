// frame_time.h: the exact times of a video's frames.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The unit of a video's timestamps: num/den seconds. A num of 0: none.
struct TimeUnit {
  int num = 0, den = 1;
  double seconds(std::int64_t count) const { return static_cast<double>(count) * num / den; }
};

// When a frame is shown and for how long, in the video's unit. A duration of 0: unknown.
struct FrameTime {
  std::int64_t start = 0, duration = 0;
};

}  // namespace reverie
