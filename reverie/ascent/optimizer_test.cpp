#include "reverie/ascent/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace reverie {
namespace {

// Where a value goes under these gradients.
double path(OptimizerKind how, const std::vector<float>& grads, double factor, double step,
            bool clip = false) {
  Tensor canvas({1, 1, 1}), grad({1, 1, 1});
  canvas[0] = 100;
  Optimizer optimizer(canvas.shape(), how, 0.9);
  for (float s : grads) {
    grad[0] = s;
    optimizer.move(grad, {}, factor, step, clip, canvas);
  }
  return canvas[0];
}

TEST(Optimizer, PlainGoesAlongTheGradient) {
  EXPECT_FLOAT_EQ(static_cast<float>(path(OptimizerKind::ascent, {2, -1, 3}, 1.5, 4)), 106);
}

TEST(Optimizer, MomentumIsARunningMeanByHand) {
  double mean = 0, expected = 100;
  for (double s : {2., -1., 3.}) expected += 1.5 * (mean = 0.9 * mean + 0.1 * s);
  EXPECT_NEAR(path(OptimizerKind::momentum, {2, -1, 3}, 1.5, 4), expected, 1e-4);
}

TEST(Optimizer, MomentumEndsAsFastAsPlainSteps) {
  const std::vector<float> many(100, 1.f), more(101, 1.f);
  EXPECT_NEAR(
      path(OptimizerKind::momentum, more, 0.5, 1) - path(OptimizerKind::momentum, many, 0.5, 1),
      0.5, 1e-3);
}

TEST(Optimizer, AdamIsAlgorithmOneByHand) {
  double m = 0, v = 0, expected = 100;
  int t = 0;
  for (double g : {2., -1., 3., 0.5}) {
    ++t;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    expected += 4 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
  }
  EXPECT_NEAR(path(OptimizerKind::adam, {2, -1, 3, 0.5}, 4, 4), expected, 1e-3);
}

TEST(Optimizer, AdamsFirstStepIsOneStepWhateverTheGradient) {
  for (float s : {1e-3f, 1.f, 1e3f})
    EXPECT_NEAR(path(OptimizerKind::adam, {s}, 1.5, 1.5), 101.5, 1e-3) << s;
}

TEST(Optimizer, ClipsEveryKind) {
  for (OptimizerKind how : {OptimizerKind::ascent, OptimizerKind::momentum, OptimizerKind::adam})
    EXPECT_EQ(path(how, {1e4f, 1e4f}, 500, 500, true), 255) << static_cast<int>(how);
}

}  // namespace
}  // namespace reverie
