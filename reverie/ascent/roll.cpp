#include "reverie/ascent/roll.h"

#include <algorithm>
#include <cassert>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

std::int64_t modulo(std::int64_t value, std::int64_t size) {
  return ((value % size) + size) % size;
}

// Calls row(from, to, length) for pieces of rows that are contiguous in both.
template <class Row>
void for_rolled_rows(ConstView from, Offset shift, View to, Row row) {
  assert(from.shape() == to.shape());
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  const std::int64_t down = modulo(shift.y, height), right = modulo(shift.x, width);
  parallel_for(from.shape().channels() * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / height, y = line % height;
      const float* source = from.data() + line * width;
      float* target = to.data() + (channel * height + modulo(y + down, height)) * width;
      row(source, target + right, width - right);
      row(source + width - right, target, right);
    }
  });
}

}  // namespace

void roll(ConstView from, Offset shift, View to) {
  for_rolled_rows(from, shift, to, [](const float* source, float* target, std::int64_t length) {
    std::copy_n(source, length, target);
  });
}

void add_rolled(ConstView from, Offset shift, float factor, bool clip, View to) {
  if (clip)
    for_rolled_rows(from, shift, to,
                    [factor](const float* source, float* target, std::int64_t length) {
                      for (std::int64_t i = 0; i < length; ++i)
                        target[i] = std::min(std::max(target[i] + factor * source[i], 0.f), 255.f);
                    });
  else
    for_rolled_rows(from, shift, to,
                    [factor](const float* source, float* target, std::int64_t length) {
                      for (std::int64_t i = 0; i < length; ++i) target[i] += factor * source[i];
                    });
}

}  // namespace reverie
