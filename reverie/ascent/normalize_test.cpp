#include "reverie/ascent/normalize.h"

#include <gtest/gtest.h>

#include <cmath>

namespace reverie {
namespace {

Tensor four() {
  Tensor grad({1, 2, 2});
  grad[0] = 1, grad[1] = -2, grad[2] = 6, grad[3] = 3;
  return grad;
}

TEST(Normalize, SizesByHand) {
  Tensor grad = four();
  EXPECT_DOUBLE_EQ(normalize(grad, Normalization::mean_abs, 0.5), 3 + 0.5);
  EXPECT_DOUBLE_EQ(normalize(grad, Normalization::std, 0.5), std::sqrt(34.0 / 4) + 0.5);
  EXPECT_EQ(grad[2], 6);
  EXPECT_DOUBLE_EQ(normalize(grad, Normalization::standardize, 0), std::sqrt(34.0 / 3));
  EXPECT_EQ(grad[0], -1);
  EXPECT_EQ(grad[2], 4);
  grad = four();
  EXPECT_EQ(normalize(grad, Normalization::laplacian, 0), 1);
  EXPECT_NE(grad[2], 6);
}

TEST(Normalize, AFlatGradientHasNoSize) {
  Tensor zeros({3, 4, 4});
  for (Normalization how :
       {Normalization::mean_abs, Normalization::std, Normalization::standardize})
    EXPECT_EQ(normalize(zeros, how, 1e-8), 0);
}

}  // namespace
}  // namespace reverie
