#include "reverie/ascent/gaussian.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>

namespace reverie {
namespace {

std::string wrap(Edge edge, std::int64_t count, std::int64_t reach) {
  std::string row;
  for (std::int64_t i = -reach; i < count + reach; ++i)
    row += static_cast<char>('a' + sample_at(i, count, edge));
  return row;
}

TEST(Gaussian, EdgesReflectAnyNumberOfTimes) {
  EXPECT_EQ(wrap(Edge::symmetric, 4, 3), "cbaabcddcb");
  EXPECT_EQ(wrap(Edge::reflect, 4, 3), "dcbabcdcba");
  EXPECT_EQ(wrap(Edge::symmetric, 2, 5), "aabbaabbaabb");
  EXPECT_EQ(wrap(Edge::reflect, 2, 4), "ababababab");
  EXPECT_EQ(wrap(Edge::symmetric, 1, 2), "aaaaa");
  EXPECT_EQ(wrap(Edge::reflect, 1, 2), "aaaaa");
}

TEST(Gaussian, TapsAddUpToOneAndFallOff) {
  const auto taps = gaussian_taps(2, scipy_radius(2));
  EXPECT_EQ(taps.size(), 17u);
  EXPECT_NEAR(std::accumulate(taps.begin(), taps.end(), 0.0), 1, 1e-6);
  EXPECT_NEAR(taps[10] / taps[8], std::exp(-0.5), 1e-6);
}

TEST(Gaussian, KeepsAConstant) {
  Tensor flat({3, 9, 11}), blurred(flat.shape());
  for (float& v : flat.elements()) v = 130;
  convolve(flat, gaussian_taps(3, 12), Edge::reflect, blurred);
  convolve_channels(blurred, gaussian_taps(3, 12), Edge::symmetric);
  for (float v : blurred.elements()) ASSERT_NEAR(v, 130, 1e-4);
}

}  // namespace
}  // namespace reverie
