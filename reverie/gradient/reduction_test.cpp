#include "reverie/gradient/reduction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor drawn(Shape shape) {
  Tensor t(shape);
  RandomStream stream = Random(4).at(RandomUse::noise, 0, 0, 0);
  for (float& v : t.elements()) v = 4 * stream.uniform() - 2;
  return t;
}

double value_of(Reduction reduction, const Tensor& a, const std::vector<int>& channels,
                double weight) {
  Tensor unused(a.shape());
  return add_reduction(reduction, a, channels, weight, unused);
}

TEST(Reduction, ValuesByHand) {
  Tensor a({2, 1, 2});
  a[0] = 1, a[1] = -3, a[2] = 5, a[3] = 0;
  EXPECT_DOUBLE_EQ(value_of(Reduction::l2, a, {0, 1}, 2), 35);
  EXPECT_DOUBLE_EQ(value_of(Reduction::mean_square, a, {0, 1}, 2), 17.5);
  EXPECT_DOUBLE_EQ(value_of(Reduction::mean, a, {0, 1}, 2), 1.5);
  EXPECT_DOUBLE_EQ(value_of(Reduction::l1, a, {0, 1}, 2), 18);
  EXPECT_DOUBLE_EQ(value_of(Reduction::mean, a, {0}, 1), -1);
}

// The output gradient is the gradient: central differences in one activation at a time.
TEST(Reduction, SlopesAreThoseOfTheValues) {
  for (Reduction reduction :
       {Reduction::l2, Reduction::mean_square, Reduction::mean, Reduction::l1}) {
    const Tensor a = drawn({3, 2, 3});
    Tensor output_grad(a.shape());
    for (float& v : output_grad.elements()) v = 7;  // it is added to
    add_reduction(reduction, a, {0, 2}, -1.5, output_grad);
    for (std::int64_t i = 0; i < a.size(); ++i) {
      Tensor more = a.clone(), less = a.clone();
      more[i] += 0.0078125f, less[i] -= 0.0078125f;
      const double grad =
          (value_of(reduction, more, {0, 2}, -1.5) - value_of(reduction, less, {0, 2}, -1.5)) /
          0.015625;
      EXPECT_NEAR(output_grad[i] - 7, grad, 2e-5) << static_cast<int>(reduction) << " at " << i;
    }
  }
}

// With shares, values are sums of what each position counts, and gradients are still theirs.
TEST(Reduction, CountsPositionsByTheirShares) {
  const std::vector<float> shares{0, 1, 0.5f, 0.25f, 0, 1};
  const Tensor a = drawn({3, 2, 3});
  for (Reduction reduction :
       {Reduction::l2, Reduction::mean_square, Reduction::mean, Reduction::l1}) {
    Tensor output_grad(a.shape()), unused(a.shape());
    const double value = add_reduction(reduction, a, {0, 2}, 2, output_grad, -1, shares);
    double expected = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const double alone =
          add_reduction(reduction, a, {0, 2}, 2, unused, static_cast<std::int64_t>(i));
      const bool is_mean = reduction == Reduction::mean_square || reduction == Reduction::mean;
      expected += shares[i] * (is_mean ? alone / 6 : alone);
    }
    EXPECT_NEAR(value, expected, 1e-6);
    for (std::int64_t i = 0; i < a.size(); ++i) {
      Tensor more = a.clone(), less = a.clone();
      more[i] += 0.0078125f, less[i] -= 0.0078125f;
      const double grad = (add_reduction(reduction, more, {0, 2}, 2, unused, -1, shares) -
                           add_reduction(reduction, less, {0, 2}, 2, unused, -1, shares)) /
                          0.015625;
      EXPECT_NEAR(output_grad[i], grad, 2e-5) << static_cast<int>(reduction) << " at " << i;
    }
  }
}

}  // namespace
}  // namespace reverie
