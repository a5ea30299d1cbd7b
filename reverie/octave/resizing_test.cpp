#include "reverie/octave/resizing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/image/resample.h"

namespace reverie {
namespace {

Tensor picture() {
  Tensor t({3, 11, 13});
  for (std::int64_t i = 0; i < t.size(); ++i)
    t[i] = static_cast<float>(i * i * 131 % 2551) / 8 - 20;  // some below 0, some above 255
  return t;
}

TEST(Resizing, PillowGivesWholeLevels) {
  const Tensor smaller = resized(picture(), {7, 9}, Resizing::pillow);
  const Tensor exact = resampled(picture(), 7, 9, Resampler::lanczos);
  EXPECT_EQ(smaller.shape(), (Shape{3, 7, 9}));
  bool differs = false;
  for (std::int64_t i = 0; i < smaller.size(); ++i) {
    EXPECT_EQ(smaller[i], std::round(smaller[i]));
    EXPECT_GE(smaller[i], 0);
    EXPECT_LE(smaller[i], 255);
    differs = differs || std::abs(smaller[i] - exact[i]) > 1;
  }
  EXPECT_TRUE(differs);  // it was clipped before
}

TEST(Resizing, TheSameSizeIsACopy) {
  const Tensor before = picture();
  for (Resizing how : {Resizing::scipy, Resizing::tf1, Resizing::tf2, Resizing::opencv,
                       Resizing::lanczos, Resizing::pillow}) {
    const Tensor same = resized(before, {11, 13}, how);
    for (std::int64_t i = 0; i < same.size(); ++i) ASSERT_EQ(same[i], before[i]);
  }
}

}  // namespace
}  // namespace reverie
