#include "reverie/image/scene/cloudscape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/image/scene/cloud_noise.h"

namespace reverie {
namespace {

bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::equal(a.elements().begin(), a.elements().end(), b.elements().begin());
}

double mean(ConstView plane, std::int64_t first_row, std::int64_t end_row) {
  const std::int64_t width = plane.shape()[1];
  double sum = 0;
  for (std::int64_t i = first_row * width; i < end_row * width; ++i) sum += plane[i];
  return sum / static_cast<double>((end_row - first_row) * width);
}

TEST(Cloudscape, ThreadsDoNotMatterAndSeedsDo) {
  const int before = thread_count();
  set_thread_count(1);
  const Image one = cloudscape(96, 54, 3);
  set_thread_count(5);
  const Image five = cloudscape(96, 54, 3);
  set_thread_count(before);
  EXPECT_TRUE(equal(one.color, five.color));
  EXPECT_FALSE(equal(one.color, cloudscape(96, 54, 4).color));
  EXPECT_FALSE(equal(one.color, cloudscape(96, 54, 3 + (1ull << 32)).color));
  EXPECT_TRUE(one.alpha.empty());
}

TEST(Cloudscape, AnySizeIsFiniteAndInRange) {
  for (auto [w, h] : {std::pair{1, 1}, {1, 40}, {60, 33}}) {
    const Image frame = cloudscape(w, h, 11);
    ASSERT_EQ(frame.color.shape(), (Shape{3, h, w}));
    for (float v : frame.color.elements()) ASSERT_TRUE(v >= 0 && v <= 255) << w << " x " << h;
  }
  EXPECT_THROW(cloudscape(0, 5, 1), BadShape);
  EXPECT_THROW(cloudscape(5, 40000, 1), BadShape);
}

TEST(Cloudscape, LooksLikeSkyOverWater) {
  for (std::uint64_t seed : {1u, 3u}) {
    const Image frame = cloudscape(160, 90, seed);
    const ConstView red = frame.color.view().plane(0), blue = frame.color.view().plane(2);
    // Blue between the clouds, warm over the horizon, water darker than the sky that it mirrors
    int clear = 0;
    for (std::int64_t i = 0; i < 30 * 160; ++i) clear += blue[i] > red[i] + 40;
    EXPECT_GT(clear, 200) << seed;
    EXPECT_GT(mean(red, 45, 55) - mean(blue, 45, 55), mean(red, 0, 30) - mean(blue, 0, 30)) << seed;
    EXPECT_LT(mean(red, 75, 90), mean(red, 0, 55)) << seed;

    // Structure from pixel to pixel, but no dust: neighbours are alike
    double step = 0;
    for (std::int64_t y = 0; y < 50; ++y)
      for (std::int64_t x = 1; x < 160; ++x)
        step += std::fabs(red[y * 160 + x] - red[y * 160 + x - 1]) / (50 * 159);
    EXPECT_GT(step, 1) << seed;
    EXPECT_LT(step, 12) << seed;
  }
}

TEST(CloudNoise, RepeatsWithoutASeamAndStaysInRange) {
  const NoiseCube billows = NoiseCube::billows(5, 0, 4), swells = NoiseCube::swells(5, 0, 4);
  for (const NoiseCube* cube : {&billows, &swells}) {
    float least = 1, most = 0;
    for (int i = 0; i < 2000; ++i) {
      const float t = static_cast<float>(i) * 0.0137f;
      const Vec3 p = {t, 1.7f * t, 0.3f * t - 4};
      const float v = cube->at(p);
      least = std::min(least, v);
      most = std::max(most, v);
      EXPECT_NEAR(v, cube->at(p + Vec3{1, 2, -3}), 2e-3f);
      EXPECT_NEAR(v, cube->at(p + Vec3{1e-4f, 0, 0}), 5e-3f);
    }
    EXPECT_GE(least, 0);
    EXPECT_LE(most, 1);
    EXPECT_GT(most - least, 0.35f);
  }

  const NoisePlane plane(5, 7);
  for (int i = -3; i < 4; ++i) {
    EXPECT_NEAR(plane.at(static_cast<float>(i), 2), 0, 1e-6f);
    EXPECT_NEAR(plane.at(0.37f + static_cast<float>(i), 0.61f),
                plane.at(256.37f + static_cast<float>(i), 0.61f - 256), 2e-3f);
  }
  for (int i = 0; i < 2000; ++i) {
    const float v = plane.fractal(0.31f * static_cast<float>(i), 0.07f * static_cast<float>(i), 6);
    EXPECT_LE(std::fabs(v), 1.6f);
  }
}

}  // namespace
}  // namespace reverie
