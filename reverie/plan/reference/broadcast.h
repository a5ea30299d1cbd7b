// broadcast.h: an input of an Eltwise at a place of its output.
#pragma once

#include <array>

#include "reverie/plan/reference/reference.h"

namespace reverie::reference {

// How far apart the elements of an input are that belong to neighbours of the output: 0 along an
// axis on which the input has one value for all.
class Broadcast {
 public:
  Broadcast(const Shape& input, const Shape& output)
      : output_(output), strides_{input.height() * input.width(), input.width(), 1} {
    for (int axis = 0; axis < 3; ++axis)
      if (input[axis] == 1) strides_[static_cast<std::size_t>(axis)] = 0;
  }

  // The element of the input that counts in element i of the output.
  std::int64_t operator()(std::int64_t i) const {
    const std::int64_t x = i % output_.width();
    const std::int64_t y = i / output_.width() % output_.height();
    const std::int64_t c = i / output_.width() / output_.height();
    return c * strides_[0] + y * strides_[1] + x * strides_[2];
  }

 private:
  Shape output_;
  std::array<std::int64_t, 3> strides_;
};

}  // namespace reverie::reference
