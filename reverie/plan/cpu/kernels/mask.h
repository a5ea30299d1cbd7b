// mask.h: what a backward kernel may apply to the gradient that it writes.
#pragma once

namespace reverie::cpu {

// A ReLU's derivative, from the ReLU's own value: 1 where value > 0, else gradient. Null value:
// none.
struct Mask {
  const void* value = nullptr;
  float grad = 0;
};

}  // namespace reverie::cpu
