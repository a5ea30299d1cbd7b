#include "reverie/ascent/bands.h"

#include <gtest/gtest.h>

#include "reverie/ascent/slope_golden.h"

namespace reverie {
namespace {

void expect_bands(std::int64_t height, std::int64_t width, int levels,
                  const std::vector<float>& expected) {
  Tensor slope = slope_golden_source(height, width);
  normalise_bands(slope, levels);
  ASSERT_EQ(slope.size(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < slope.size(); ++i)
    EXPECT_NEAR(slope[i], expected[static_cast<std::size_t>(i)], 5e-6) << "at " << i;
}

TEST(Bands, AreThoseOfTheNotebook) {
  expect_bands(6, 9, 2, golden_bands_6x9);
  expect_bands(7, 5, 4, golden_bands_7x5);
}

TEST(Bands, DoNotDependOnTheSlopesScale) {
  Tensor slope = slope_golden_source(20, 31), tiny = slope.clone();
  for (float& v : tiny.elements()) v *= 0x1p-20f;
  normalise_bands(slope);
  normalise_bands(tiny);
  for (std::int64_t i = 0; i < slope.size(); ++i) ASSERT_NEAR(slope[i], tiny[i], 1e-5);
}

TEST(Bands, LeaveNothingOfNothing) {
  Tensor flat({3, 5, 6});
  normalise_bands(flat);
  for (float v : flat.elements()) ASSERT_EQ(v, 0);
}

}  // namespace
}  // namespace reverie
