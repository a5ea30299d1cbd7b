#include "reverie/ascent/ascent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "reverie/ascent/gaussian.h"
#include "reverie/base/error.h"

namespace reverie {
namespace {

StepContext still(int) { return {}; }

// A hill whose gradient at pixel i is constant, so that every step can be computed by hand.
double hill(ConstView, View grad, const StepContext&) {
  for (std::int64_t i = 0; i < grad.size(); ++i) grad[i] = i % 2 == 0 ? 3.f : -1.f;
  return 7;
}

TEST(Ascent, StepsByTheMeanGradient) {
  Tensor canvas({3, 2, 2});
  for (float& v : canvas.elements()) v = 100;
  std::vector<Step> steps;
  const int done = ascend(canvas, hill, {3, 1.5, true},
                          {still, {}, [&](const Step& step, ConstView) { steps.push_back(step); }});
  EXPECT_EQ(done, 3);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[1].iteration, 1);
  EXPECT_EQ(steps[1].objective, 7);
  EXPECT_EQ(steps[1].mean_grad, 2);
  EXPECT_FLOAT_EQ(canvas[0], 100 + 3 * 1.5f / 2 * 3);
  EXPECT_FLOAT_EQ(canvas[1], 100 - 3 * 1.5f / 2 * 1);
}

TEST(Ascent, RollsTheCanvasBeforeTheGradientAndTheStepBack) {
  Tensor canvas({3, 3, 4});
  canvas[0] = 50;  // channel 0, row 0, column 0
  const auto at_two_one = [](ConstView seen, View grad, const StepContext&) {
    EXPECT_EQ(seen.at(0, 1, 2), 50.f);
    std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
    grad.at(0, 1, 2) = 1;
    return 0.0;
  };
  ascend(canvas, at_two_one, {1, 1.0, false}, {[](int) { return StepContext{.offset = {2, 1}}; }});
  EXPECT_FLOAT_EQ(canvas[0], 50 + 36);  // mean |g| is 1/36
  EXPECT_EQ(canvas.view().at(0, 1, 2), 0.f);
}

TEST(Ascent, StaysWhereTheGradientIsZero) {
  Tensor canvas({3, 2, 2});
  const auto flat = [](ConstView, View grad, const StepContext&) {
    std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
    return 0.0;
  };
  EXPECT_EQ(ascend(canvas, flat, {2, 1.5, true}, {still}), 2);
  for (float v : canvas.elements()) EXPECT_EQ(v, 0.f);
}

// What `options` make of a gradient that is 1 at row 1, column 2 of the canvas.
Tensor step_from_a_point(AscentOptions options, Offset shift) {
  Tensor canvas({3, 12, 14});
  options.iterations = 1;
  options.clip = false;
  const auto point = [&](ConstView, View grad, const StepContext&) {
    std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
    grad.at(0, (1 + shift.y) % 12, (2 + shift.x) % 14) = 1;
    return 0.0;
  };
  ascend(canvas, point, options, {[&](int) { return StepContext{.offset = shift}; }});
  return canvas;
}

TEST(Ascent, SmoothsAndNormalisesWhereThePictureIs) {
  for (Smoothing smooth : {Smoothing::growing, Smoothing::growing_color})
    for (Normalization how : {Normalization::std, Normalization::laplacian}) {
      AscentOptions options;
      options.smooth = smooth;
      options.normalize = how;
      const Tensor still = step_from_a_point(options, {0, 0});
      const Tensor rolled = step_from_a_point(options, {5, 11});
      EXPECT_GT(std::abs(still[0]), 0);  // the corner is within reach
      for (std::int64_t i = 0; i < still.size(); ++i) ASSERT_NEAR(still[i], rolled[i], 1e-5);
    }
}

TEST(Ascent, ChannelScaleStretchesGradientAndStep) {
  AscentOptions options;
  options.channel_scale = {2, 1, 1};
  options.step = 1;
  const Tensor canvas = step_from_a_point(options, {3, 4});
  // Gradient 2 in its own unit, mean 2 / 504; a step of 504 there is 1008 in display units
  EXPECT_FLOAT_EQ(canvas.view().at(0, 1, 2), 1008);
}

TEST(Ascent, RefusesAGradientThatIsNotFinite) {
  Tensor canvas({3, 2, 2});
  const auto broken = [](ConstView, View grad, const StepContext&) {
    std::fill(grad.elements().begin(), grad.elements().end(), 1.f);
    grad[5] = std::numeric_limits<float>::quiet_NaN();
    return 0.0;
  };
  EXPECT_THROW(ascend(canvas, broken, {2, 1.5, true}, {still}), NonFinite);
  for (float v : canvas.elements()) EXPECT_EQ(v, 0.f);
}

TEST(Ascent, SettlesTheCanvasBeforeItIsSeen) {
  Tensor canvas({3, 2, 2});
  const auto constrain = [](View at) { at[0] = 42; };
  const auto after_step = [](const Step&, ConstView at) { EXPECT_EQ(at[0], 42.f); };
  ascend(canvas, hill, {2, 1.5, true}, {still, constrain, after_step});
  EXPECT_EQ(canvas[0], 42.f);
  EXPECT_GT(canvas[2], 0.f);
}

TEST(Ascent, StopsWhenCancelled) {
  Tensor canvas({3, 2, 2});
  CancelToken cancel;
  const int done = ascend(canvas, hill, {10, 1, true},
                          {still,
                           {},
                           [&](const Step& step, ConstView) {
                             if (step.iteration == 3) cancel.cancel();
                           },
                           &cancel});
  EXPECT_EQ(done, 4);
}

TEST(Ascent, StaysWhereItMayNotMove) {
  Tensor canvas({3, 2, 2}), where({1, 2, 2});
  where[1] = 0.5f;
  AscentOptions options;
  options.mask = where;
  ascend(canvas,
         [](ConstView, View grad, const StepContext&) {
           std::fill(grad.elements().begin(), grad.elements().end(), 1.f);
           return 0.0;
         },
         options, {[](int iteration) {
           return StepContext{.offset = {iteration, 0}};
         }});
  for (std::int64_t i = 0; i < canvas.size(); ++i)
    EXPECT_FLOAT_EQ(canvas[i], i % 4 == 1 ? 15.f : 0.f) << i;
}

TEST(Ascent, GreyMovesColoursByTheMeanOfTheirGradients) {
  Tensor canvas({3, 2, 2});
  const auto red_and_blue = [](ConstView, View grad, const StepContext&) {
    std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
    grad.at(0, 0, 0) = 3;
    grad.at(2, 0, 1) = 6;
    return 0.0;
  };
  AscentOptions options;
  options.color = Color::keep;
  options.clip = false;
  ascend(canvas, red_and_blue, options, {still});
  EXPECT_GT(canvas[0], 0.f);
  EXPECT_FLOAT_EQ(canvas[1], 2 * canvas[0]);
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(canvas[i], canvas[4 + i]);
    EXPECT_EQ(canvas[i], canvas[8 + i]);
  }
}

TEST(Ascent, RegularisersPullBack) {
  // Far from its source and without another gradient worth the name, a canvas comes back
  Tensor canvas({3, 2, 2}), source({3, 2, 2});
  for (float& v : canvas.elements()) v = 64;
  AscentOptions options;
  options.source = source;
  options.source_penalty = 1;
  options.iterations = 1;
  options.step = 1;
  ascend(canvas,
         [](ConstView, View grad, const StepContext&) {
           std::fill(grad.elements().begin(), grad.elements().end(), 1.f);
           return 0.0;
         },
         options, {still});
  // A step of 1 up, and of 64 / 16 back
  for (float v : canvas.elements()) EXPECT_FLOAT_EQ(v, 64 + 1 - 4);

  options.source_penalty = 0;
  options.tv_penalty = 0.5;
  canvas[0] = 164;
  ascend(canvas,
         [](ConstView, View grad, const StepContext&) {
           std::fill(grad.elements().begin(), grad.elements().end(), 1.f);
           return 0.0;
         },
         options, {still});
  EXPECT_LT(canvas[0], 164.5f);
}

// One bright pixel after a step that does nothing but soften.
Tensor softened(AscentOptions options) {
  Tensor canvas({3, 9, 9});
  canvas.view().at(1, 4, 4) = 200;
  options.iterations = 1;
  options.step = 0;
  options.blur = 1;
  ascend(canvas,
         [](ConstView, View grad, const StepContext&) {
           std::fill(grad.elements().begin(), grad.elements().end(), 1.f);
           return 0.0;
         },
         options, {still});
  return canvas;
}

TEST(Ascent, SoftensThePictureWhereItMayMove) {
  const std::vector<double> taps = gaussian_taps(1, 4);
  const Tensor all = softened({});
  EXPECT_NEAR(all.view().at(1, 4, 4), 200 * taps[4] * taps[4], 1e-4);
  EXPECT_NEAR(all.view().at(1, 4, 5), 200 * taps[4] * taps[3], 1e-4);
  EXPECT_EQ(all.view().at(0, 4, 4), 0.f);

  Tensor left_half({1, 9, 9});
  for (std::int64_t i = 0; i < 81; ++i) left_half[i] = i % 9 < 5 ? 1.f : 0.f;
  AscentOptions masked;
  masked.mask = left_half;
  const Tensor part = softened(masked);
  EXPECT_EQ(part.view().at(1, 4, 3), all.view().at(1, 4, 3));
  EXPECT_EQ(part.view().at(1, 4, 5), 0.f);

  AscentOptions grey;
  grey.color = Color::keep;
  const Tensor light = softened(grey);
  EXPECT_NEAR(light.view().at(1, 4, 4) - light.view().at(0, 4, 4), 200, 1e-3);
}

TEST(Ascent, BringsTheGradientBackFromTheAugmentedPicture) {
  Tensor canvas({3, 2, 4});
  canvas[0] = 50;
  const auto mirrored = [](ConstView seen, View grad, const StepContext&) {
    EXPECT_EQ(seen.at(0, 0, 3), 50.f);
    std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
    grad.at(0, 0, 3) = 1;
    return 0.0;
  };
  ascend(canvas, mirrored, {1, 1.0, false}, {[](int) {
           return StepContext{.augmentation = {true, 0, 1}};
         }});
  EXPECT_FLOAT_EQ(canvas[0], 50 + 24);
}

}  // namespace
}  // namespace reverie
