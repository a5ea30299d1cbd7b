// trial_window.h: square windows, for tests.
#pragma once

#include "reverie/graph/layer.h"

namespace reverie {

inline Window square(int kernel, int stride = 1, int padding = 0, int dilation = 1) {
  return {kernel,
          kernel,
          stride,
          stride,
          dilation,
          dilation,
          {Padding::Rule::given, padding, padding, padding, padding}};
}

}  // namespace reverie
