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
TEST(Reduction, GradientsAreThoseOfTheValues) {
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

// With weights, values are weighted sums over the positions, and gradients are still theirs.
TEST(Reduction, CountsPositionsByTheirWeights) {
  const std::vector<float> weights{0, 1, 0.5f, 0.25f, 0, 1};
  const Tensor a = drawn({3, 2, 3});
  for (Reduction reduction :
       {Reduction::l2, Reduction::mean_square, Reduction::mean, Reduction::l1}) {
    Tensor output_grad(a.shape()), unused(a.shape());
    const double value =
        add_reduction(reduction, a, {0, 2}, 2, output_grad, {-1, weights, nullptr});
    double expected = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double alone = add_reduction(reduction, a, {0, 2}, 2, unused,
                                         {static_cast<std::int64_t>(i), {}, nullptr});
      const bool is_mean = reduction == Reduction::mean_square || reduction == Reduction::mean;
      expected += weights[i] * (is_mean ? alone / 6 : alone);
    }
    EXPECT_NEAR(value, expected, 1e-6);
    for (std::int64_t i = 0; i < a.size(); ++i) {
      Tensor more = a.clone(), less = a.clone();
      more[i] += 0.0078125f, less[i] -= 0.0078125f;
      const double grad =
          (add_reduction(reduction, more, {0, 2}, 2, unused, {-1, weights, nullptr}) -
           add_reduction(reduction, less, {0, 2}, 2, unused, {-1, weights, nullptr})) /
          0.015625;
      EXPECT_NEAR(output_grad[i], grad, 2e-5) << static_cast<int>(reduction) << " at " << i;
    }
  }
}

// Two crops that share a column of positions, which the first of them counts.
TEST(Reduction, CropsThatCountEachPositionOnceAddUpToTheWhole) {
  const Tensor whole = drawn({3, 2, 5});
  const auto columns = [&](std::int64_t begin, std::int64_t end) {
    Tensor part({3, 2, end - begin});
    for (std::int64_t i = 0; i < part.size(); ++i)
      part[i] = whole.view().at(i / (2 * (end - begin)), i / (end - begin) % 2,
                                begin + i % (end - begin));
    return part;
  };
  const Tensor left = columns(0, 3), right = columns(2, 5);
  const CountedPositions left_counts{0, 2, 0, 3, 10}, right_counts{0, 2, 1, 3, 10};
  const std::vector<float> direction{1, -2, 0.5f};
  for (int kind = 0; kind < 5; ++kind) {
    const auto add = [&](const Tensor& a, View output_grad, const CountedPositions* counted) {
      PositionOptions options;
      options.counted = counted;
      if (kind == 4) return add_direction(direction, a, 1.5, output_grad, options);
      return add_reduction(static_cast<Reduction>(kind), a, {0, 2}, 1.5, output_grad, options);
    };
    Tensor of_whole(whole.shape()), of_left(left.shape()), of_right(right.shape());
    const double value = add(whole, of_whole, nullptr);
    EXPECT_NEAR(add(left, of_left, &left_counts) + add(right, of_right, &right_counts), value,
                1e-12 * std::abs(value))
        << kind;
    // Positions that are not counted have their gradient all the same
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t x = 0; x < 3; ++x) {
        EXPECT_EQ(of_left.view().at(c, 1, x), of_whole.view().at(c, 1, x)) << kind;
        EXPECT_EQ(of_right.view().at(c, 1, x), of_whole.view().at(c, 1, x + 2)) << kind;
      }
  }
}

}  // namespace
}  // namespace reverie
