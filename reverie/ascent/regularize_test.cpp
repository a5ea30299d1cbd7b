#include "reverie/ascent/regularize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor noise(std::uint64_t seed) {
  Tensor canvas({2, 5, 7});
  RandomStream stream = Random(seed).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = 4 * stream.uniform();
  return canvas;
}

using Term = std::function<double(ConstView canvas, double weight, View grad)>;

// Central differences of a value with the gradient that comes with it, at every place.
void expect_grad_of(const Term& term, double tolerance) {
  Tensor canvas = noise(1), grad(canvas.shape()), unused(canvas.shape());
  term(canvas, -0.5, grad);
  constexpr float h = 0.0625f;  // exact in float, as 4 plus or minus it
  for (std::int64_t i = 0; i < canvas.size(); ++i) {
    const float middle = canvas[i];
    canvas[i] = middle + h;
    const double above = term(canvas, 0, unused);
    const double up = canvas[i];
    canvas[i] = middle - h;
    const double below = term(canvas, 0, unused);
    const double down = canvas[i];
    canvas[i] = middle;
    EXPECT_NEAR(grad[i], -0.5 * (above - below) / (up - down), tolerance) << i;
  }
  for (float v : unused.elements()) EXPECT_EQ(v, 0.f);
}

TEST(TotalVariation, GradientIsTheDifferenceQuotient) {
  // The remainder is h^2 / 6 times a third derivative of a few
  expect_grad_of(add_total_variation, 3e-3);
}

TEST(TotalVariation, OfAnEdgeIsItsHeight) {
  Tensor canvas({1, 4, 6}), grad({1, 4, 6});
  for (std::int64_t y = 0; y < 4; ++y)
    for (std::int64_t x = 3; x < 6; ++x) canvas.view().at(0, y, x) = 200;
  EXPECT_NEAR(add_total_variation(canvas, 1, grad), 4 * (std::sqrt(200. * 200 + 1) - 1), 1e-6);
  EXPECT_NEAR(grad.view().at(0, 1, 3), 1, 1e-4);
  EXPECT_NEAR(grad.view().at(0, 1, 2), -1, 1e-4);
  EXPECT_EQ(grad.view().at(0, 1, 0), 0.f);
}

TEST(SourceDistance, GradientIsTheDifferenceQuotient) {
  const Tensor source = noise(2);
  expect_grad_of([&](ConstView canvas, double weight,
                     View grad) { return add_source_distance(canvas, source, weight, grad); },
                 1e-5);
}

TEST(SourceDistance, IsOneUnitSixteenLevelsAway) {
  Tensor canvas({1, 1, 1}), source({1, 1, 1}), grad({1, 1, 1});
  canvas[0] = 16;
  EXPECT_DOUBLE_EQ(add_source_distance(canvas, source, 1, grad), 8);
  EXPECT_FLOAT_EQ(grad[0], 1);
}

}  // namespace
}  // namespace reverie
