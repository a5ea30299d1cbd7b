#include "reverie/gradient/measure.h"

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

double value_of(Measure measure, const Tensor& a, const std::vector<int>& channels, double weight) {
  Tensor unused(a.shape());
  return add_measure(measure, a, channels, weight, unused);
}

TEST(Measure, ValuesByHand) {
  Tensor a({2, 1, 2});
  a[0] = 1, a[1] = -3, a[2] = 5, a[3] = 0;
  EXPECT_DOUBLE_EQ(value_of(Measure::energy, a, {0, 1}, 2), 35);
  EXPECT_DOUBLE_EQ(value_of(Measure::square, a, {0, 1}, 2), 17.5);
  EXPECT_DOUBLE_EQ(value_of(Measure::mean, a, {0, 1}, 2), 1.5);
  EXPECT_DOUBLE_EQ(value_of(Measure::l1, a, {0, 1}, 2), 18);
  EXPECT_DOUBLE_EQ(value_of(Measure::mean, a, {0}, 1), -1);
}

// The seed is the slope: central differences in one activation at a time.
TEST(Measure, SlopesAreThoseOfTheValues) {
  for (Measure measure : {Measure::energy, Measure::square, Measure::mean, Measure::l1}) {
    const Tensor a = drawn({3, 2, 3});
    Tensor seed(a.shape());
    for (float& v : seed.elements()) v = 7;  // it is added to
    add_measure(measure, a, {0, 2}, -1.5, seed);
    for (std::int64_t i = 0; i < a.size(); ++i) {
      Tensor more = a.clone(), less = a.clone();
      more[i] += 0.0078125f, less[i] -= 0.0078125f;
      const double slope =
          (value_of(measure, more, {0, 2}, -1.5) - value_of(measure, less, {0, 2}, -1.5)) /
          0.015625;
      EXPECT_NEAR(seed[i] - 7, slope, 2e-5) << static_cast<int>(measure) << " at " << i;
    }
  }
}

// With shares, values are sums of what each position counts, and slopes are still theirs.
TEST(Measure, CountsPositionsByTheirShares) {
  const std::vector<float> shares{0, 1, 0.5f, 0.25f, 0, 1};
  const Tensor a = drawn({3, 2, 3});
  for (Measure measure : {Measure::energy, Measure::square, Measure::mean, Measure::l1}) {
    Tensor seed(a.shape()), unused(a.shape());
    const double value = add_measure(measure, a, {0, 2}, 2, seed, -1, shares);
    double expected = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const double alone = add_measure(measure, a, {0, 2}, 2, unused, static_cast<std::int64_t>(i));
      const bool is_mean = measure == Measure::square || measure == Measure::mean;
      expected += shares[i] * (is_mean ? alone / 6 : alone);
    }
    EXPECT_NEAR(value, expected, 1e-6);
    for (std::int64_t i = 0; i < a.size(); ++i) {
      Tensor more = a.clone(), less = a.clone();
      more[i] += 0.0078125f, less[i] -= 0.0078125f;
      const double slope = (add_measure(measure, more, {0, 2}, 2, unused, -1, shares) -
                            add_measure(measure, less, {0, 2}, 2, unused, -1, shares)) /
                           0.015625;
      EXPECT_NEAR(seed[i], slope, 2e-5) << static_cast<int>(measure) << " at " << i;
    }
  }
}

}  // namespace
}  // namespace reverie
