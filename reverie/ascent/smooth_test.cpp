#include "reverie/ascent/smooth.h"

#include <gtest/gtest.h>

#include "reverie/ascent/roll.h"

#include "reverie/ascent/gradient_golden.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

void expect_smoothed(Smoothing how, int iteration, std::int64_t height, std::int64_t width,
                     const std::vector<float>& expected) {
  Tensor grad = grad_golden_source(height, width);
  smooth(grad, how, iteration, 10);
  ASSERT_EQ(grad.size(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < grad.size(); ++i)
    EXPECT_NEAR(grad[i], expected[static_cast<std::size_t>(i)], 3e-6)
        << "iteration " << iteration << " at " << i;
}

// On a canvas that goes on around, smoothing is the same wherever that is cut.
TEST(Smooth, GoesOnAtTheOppositeEdge) {
  for (Smoothing how : {Smoothing::growing, Smoothing::growing_color, Smoothing::cascade}) {
    Tensor grad({3, 20, 17}), turned(grad.shape()), back(grad.shape());
    for (std::int64_t i = 0; i < grad.size(); ++i) grad[i] = static_cast<float>(i * i % 101);
    roll(grad, {5, 11}, turned);
    smooth(grad, how, 5, 10, true);
    smooth(turned, how, 5, 10, true);
    roll(turned, {-5, -11}, back);
    for (std::int64_t i = 0; i < grad.size(); ++i) ASSERT_NEAR(back[i], grad[i], 1e-3);
  }
}

TEST(Smooth, GrowsAsScipysGaussiansDo) {
  expect_smoothed(Smoothing::growing, 0, 5, 7, golden_growing_0);
  expect_smoothed(Smoothing::growing, 9, 5, 7, golden_growing_9);
}

TEST(Smooth, GreysAsOneSigmaForAllAxesDoes) {
  expect_smoothed(Smoothing::growing_color, 3, 5, 7, golden_growing_color_3);
}

TEST(Smooth, CascadesAsTorchDoes) {
  expect_smoothed(Smoothing::cascade, 0, 6, 7, golden_cascade_0);
  expect_smoothed(Smoothing::cascade, 9, 6, 7, golden_cascade_9);
}

TEST(Smooth, GivesTheSameBitsAtAnyThreadCount) {
  Tensor one = grad_golden_source(83, 97), several = one.clone();
  const int threads = thread_count();
  set_thread_count(1);
  smooth(one, Smoothing::growing_color, 4, 10);
  set_thread_count(3);
  smooth(several, Smoothing::growing_color, 4, 10);
  set_thread_count(threads);
  EXPECT_TRUE(std::equal(one.elements().begin(), one.elements().end(), several.elements().begin()));
}

}  // namespace
}  // namespace reverie
