// kinds.h: the input format of a network.
#pragma once

#include <array>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// A network's input channel c is (canvas[order[c]] - mean[c]) * scale[c], where the canvas is RGB
// in 0..255 display units.
struct InputTransform {
  std::array<int, 3> order{0, 1, 2};  // {2, 1, 0} for BGR
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};

  friend bool operator==(const InputTransform&, const InputTransform&) = default;
};

}  // namespace reverie
