#include "reverie/ascent/normalise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace reverie {
namespace {

Tensor four() {
  Tensor slope({1, 2, 2});
  slope[0] = 1, slope[1] = -2, slope[2] = 6, slope[3] = 3;
  return slope;
}

TEST(Normalise, SizesByHand) {
  Tensor slope = four();
  EXPECT_DOUBLE_EQ(normalise(slope, Normalisation::mean, 0.5), 3 + 0.5);
  EXPECT_DOUBLE_EQ(normalise(slope, Normalisation::deviation, 0.5), std::sqrt(34.0 / 4) + 0.5);
  EXPECT_EQ(slope[2], 6);
  EXPECT_DOUBLE_EQ(normalise(slope, Normalisation::standard, 0), std::sqrt(34.0 / 3));
  EXPECT_EQ(slope[0], -1);
  EXPECT_EQ(slope[2], 4);
  slope = four();
  EXPECT_EQ(normalise(slope, Normalisation::bands, 0), 1);
  EXPECT_NE(slope[2], 6);
}

TEST(Normalise, AFlatSlopeHasNoSize) {
  Tensor zeros({3, 4, 4});
  for (Normalisation how : {Normalisation::mean, Normalisation::deviation, Normalisation::standard})
    EXPECT_EQ(normalise(zeros, how, 1e-8), 0);
}

}  // namespace
}  // namespace reverie
