#include "reverie/gradient/guide.h"

#include <gtest/gtest.h>

#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor drawn(Shape shape, std::uint64_t output_grad) {
  Tensor t(shape);
  RandomStream stream = Random(output_grad).at(RandomUse::noise, 0, 0, 0);
  for (float& v : t.elements()) v = stream.uniform();
  return t;
}

// The notebook's own three lines, written out: A = X^T Y; output gradient[:, i] = Y[:, argmax A[i,
// :]].
void expect_notebook_match(const Shape& features_shape, const Shape& guide_shape,
                           const std::vector<int>& channels) {
  const Tensor x = drawn(features_shape, 1), y = drawn(guide_shape, 2);
  Tensor output_grad(features_shape);
  const double value = match_guide(x, y, channels, 2.0, output_grad);
  const std::int64_t n = features_shape.height() * features_shape.width();
  const std::int64_t m = guide_shape.height() * guide_shape.width();
  double expected_value = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    double most = -1;
    std::int64_t best = 0;
    for (std::int64_t j = 0; j < m; ++j) {
      double product = 0;
      for (int c : channels) product += double{x[c * n + i]} * y[c * m + j];
      if (product > most) most = product, best = j;
    }
    expected_value += 2 * most;
    for (std::int64_t c = 0; c < features_shape.channels(); ++c) {
      const bool chosen = std::find(channels.begin(), channels.end(), c) != channels.end();
      ASSERT_FLOAT_EQ(output_grad[c * n + i], chosen ? 2 * y[c * m + best] : 0)
          << "position " << i << " channel " << c;
    }
  }
  EXPECT_NEAR(value, expected_value, 1e-5 * expected_value);
}

TEST(Guide, MatchesLikeTheNotebook) {
  expect_notebook_match({7, 5, 6}, {7, 13, 11}, {0, 1, 2, 3, 4, 5, 6});
  expect_notebook_match({20, 3, 3}, {20, 8, 8}, {2, 19});
  expect_notebook_match({4, 1, 1}, {4, 1, 1}, {0, 1, 2, 3});
  expect_notebook_match({6, 17, 31}, {6, 23, 29}, {0, 2, 5});  // several blocks of both
}

// Of features that agree equally the first is taken, whichever block of the guide it is in.
TEST(Guide, TakesTheFirstOfEqualMatches) {
  for (const std::int64_t second : {1, 7, 8, 255, 256, 290}) {
    Tensor features({2, 1, 5}), guide({2, 1, 300}), output_grad({2, 1, 5});
    for (float& v : features.elements()) v = 1;
    guide[0] = 1;             // (1,0)
    guide[300 + second] = 1;  // (0,1): the same product with (1,1)
    EXPECT_DOUBLE_EQ(match_guide(features, guide, {0, 1}, 1, output_grad), 5);
    for (std::int64_t i = 0; i < 5; ++i) {
      EXPECT_EQ(output_grad[i], 1) << second;
      EXPECT_EQ(output_grad[5 + i], 0) << second;
    }
  }
}

TEST(Guide, WeightsPositions) {
  Tensor features({2, 1, 3}), guide({2, 1, 2}), output_grad({2, 1, 3});
  for (std::int64_t i = 0; i < 6; ++i) features[i] = static_cast<float>(1 + i);
  guide[0] = 1, guide[1] = 0, guide[2] = 0, guide[3] = 2;  // features (1,0) and (0,2)
  const std::vector<float> weights{1, 0, 0.5f};
  // The second feature fits best everywhere: 2 * (4, 5, 6)
  EXPECT_DOUBLE_EQ(match_guide(features, guide, {0, 1}, 3, output_grad, {-1, weights, nullptr}),
                   3 * (8 + 0.5 * 12));
  const float expected[] = {0, 0, 0, 6, 0, 3};
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_EQ(output_grad[i], expected[i]) << i;
}

}  // namespace
}  // namespace reverie
