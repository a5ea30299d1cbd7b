#include "reverie/image/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/image/resample_golden.h"

namespace reverie {
namespace {

const Resampler all_resamplers[] = {Resampler::scipy_zoom, Resampler::tf_legacy, Resampler::tf_half,
                                    Resampler::opencv, Resampler::lanczos};

// The picture of tools/golden_resample.py, in each channel shifted by a constant.
Tensor source(std::int64_t channels, std::int64_t height, std::int64_t width) {
  Tensor picture({channels, height, width});
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < height * width; ++i)
      picture[c * height * width + i] =
          static_cast<float>(static_cast<double>((i * i * 131 + i * 7919 + 104729) % 2551) / 10) +
          static_cast<float>(c) * 16;
  return picture;
}

TEST(Resample, GivesTheNumbersOfTheProgramItIsNamedAfter) {
  for (const ResampleGolden& golden : resample_goldens()) {
    const Tensor got = resampled(source(1, golden.from_height, golden.from_width), golden.to_height,
                                 golden.to_width, golden.how);
    ASSERT_EQ(got.size(), static_cast<std::int64_t>(golden.values.size()));
    // Each does some ten roundings of values up to 255
    const float tolerance = 10 * 255 * std::numeric_limits<float>::epsilon() / 2;
    for (std::int64_t i = 0; i < got.size(); ++i)
      EXPECT_NEAR(got[i], golden.values[static_cast<std::size_t>(i)], tolerance)
          << "resampler " << static_cast<int>(golden.how) << ", " << golden.from_height << "x"
          << golden.from_width << " to " << golden.to_height << "x" << golden.to_width << ", at "
          << i;
  }
}

TEST(Resample, KeepsAConstantAndTheSameSize) {
  Tensor flat({2, 13, 17});
  for (float& v : flat.elements()) v = 201.5f;
  for (Resampler how : all_resamplers) {
    for (auto [h, w] : {std::pair{5, 40}, {13, 16}, {1, 1}}) {
      const Tensor other = resampled(flat, h, w, how);
      for (float v : other.elements()) EXPECT_NEAR(v, 201.5f, 1e-4f);
    }
    const Tensor picture = source(3, 9, 11);
    const Tensor same = resampled(picture, 9, 11, how);
    for (std::int64_t i = 0; i < same.size(); ++i) EXPECT_EQ(same[i], picture[i]);
  }
}

TEST(Resample, LeavesNoLineOfZerosWhereSciPyDoes) {
  // For these SciPy's own last line is zero
  for (auto [n, m] : {std::pair{111, 79}, {230, 164}, {251, 179}}) {
    Tensor ramp({1, n, n});
    for (int y = 0; y < n; ++y)
      for (int x = 0; x < n; ++x) ramp.view().at(0, y, x) = static_cast<float>(1 + x + y);
    const Tensor small = resampled(ramp, m, m, Resampler::scipy_zoom);
    EXPECT_EQ(small[small.size() - 1], static_cast<float>(2 * n - 1));
    for (int y = 0; y < m; ++y)
      EXPECT_NEAR(small.view().at(0, y, m - 1), n + y * (n - 1.0) / (m - 1.0), 1e-4);
  }
}

TEST(Resample, ChannelsDoNotMixAndThreadsDoNotMatter) {
  const Tensor picture = source(3, 301, 200);
  const int before = thread_count();
  for (Resampler how : all_resamplers) {
    set_thread_count(1);
    const Tensor one = resampled(picture, 211, 333, how);
    set_thread_count(5);
    const Tensor five = resampled(picture, 211, 333, how);
    ASSERT_TRUE(std::equal(one.elements().begin(), one.elements().end(), five.elements().begin()));
    const std::int64_t plane = 211 * 333;
    for (std::int64_t i = 0; i < plane; ++i) ASSERT_NEAR(one[2 * plane + i], one[i] + 32, 2e-4f);
  }
  set_thread_count(before);
}

TEST(Resample, RejectsWhatDoesNotFit) {
  Tensor three({3, 4, 4}), two({2, 4, 4}), none({3, 0, 4}), flat({4, 4});
  EXPECT_THROW(resample(three, two, Resampler::opencv), BadShape);
  EXPECT_THROW(resample(three, none, Resampler::opencv), BadShape);
  EXPECT_THROW(resample(none, three, Resampler::lanczos), BadShape);
  EXPECT_THROW(resample(flat, flat, Resampler::lanczos), BadShape);
  EXPECT_THROW(resampled(three, 0, 5, Resampler::tf_half), BadShape);
  EXPECT_THROW(resampled(flat, 5, 5, Resampler::tf_half), BadShape);
}

}  // namespace
}  // namespace reverie
