#include "reverie/ascent/roll.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

Tensor numbered(Shape shape) {
  Tensor t(shape);
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i);
  return t;
}

TEST(Roll, MovesEveryPixelAsNumpyDoes) {
  const Tensor from = numbered({2, 5, 7});
  for (const Offset shift : {Offset{0, 0}, {1, 0}, {0, 1}, {3, -2}, {-9, 11}, {7, 5}, {-70, -51}}) {
    Tensor to(from.shape());
    roll(from, shift, to);
    for (std::int64_t c = 0; c < 2; ++c)
      for (std::int64_t y = 0; y < 5; ++y)
        for (std::int64_t x = 0; x < 7; ++x)
          ASSERT_EQ(to.view().at(c, (y + shift.y + 500) % 5, (x + shift.x + 700) % 7),
                    from.view().at(c, y, x));
  }
}

TEST(Roll, AddsBackWhereItCameFromAndClips) {
  const Tensor from = numbered({1, 4, 6});
  Tensor rolled(from.shape()), canvas(from.shape());
  roll(from, {4, -3}, rolled);
  add_rolled(rolled, {-4, 3}, 2.f, false, canvas);
  for (std::int64_t i = 0; i < from.size(); ++i) ASSERT_EQ(canvas[i], 2 * from[i]);
  // Clipped above, then below: the last element would go to 2346, and then to -1125
  add_rolled(rolled, {-4, 3}, 100.f, true, canvas);
  for (std::int64_t i = 0; i < from.size(); ++i)
    ASSERT_EQ(canvas[i], std::min(102 * from[i], 255.f));
  const Tensor clipped = canvas.clone();
  add_rolled(rolled, {-4, 3}, -60.f, true, canvas);
  for (std::int64_t i = 0; i < from.size(); ++i)
    ASSERT_EQ(canvas[i], std::max(clipped[i] - 60 * from[i], 0.f));
}

}  // namespace
}  // namespace reverie
