#include "reverie/image/motion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

// A part of a larger scene that begins at (x, y).
Tensor part_of(const Tensor& scene, std::int64_t x, std::int64_t y, std::int64_t height,
               std::int64_t width) {
  Tensor part({3, height, width});
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t row = 0; row < height; ++row)
      for (std::int64_t column = 0; column < width; ++column)
        part.view().at(c, row, column) = scene.view().at(c, y + row, x + column);
  return part;
}

class MotionTest : public ::testing::TestWithParam<FlowEffort> {
 protected:
  // Clouds with grain, so that every place has something to hold on to.
  static Tensor scene() {
    Tensor color = cloudscape(240, 200, 3).color.clone();
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < 200; ++y)
        for (std::int64_t x = 0; x < 240; ++x)
          color.view().at(c, y, x) += 20 * std::sin(0.4f * static_cast<float>(x)) *
                                      std::sin(0.31f * static_cast<float>(y + x / 3));
    return color;
  }
};

TEST_P(MotionTest, FindsAPanAndWhatItBringsIntoSight) {
  const Tensor whole = scene();
  const Tensor before = part_of(whole, 20, 20, 120, 160), now = part_of(whole, 25, 17, 120, 160);
  MotionFinder finder(GetParam());
  Motion motion;
  finder.run(before, now, motion);

  double miss = 0;
  for (std::int64_t y = 20; y < 100; ++y)
    for (std::int64_t x = 20; x < 140; ++x)
      miss += std::hypot(motion.flow.view().at(0, y, x) - 5, motion.flow.view().at(1, y, x) + 3);
  EXPECT_LT(miss / (80 * 120), 0.25);
  EXPECT_GT(motion.confidence.view().at(0, 60, 80), 0.95f);
  EXPECT_LT(motion.confidence.view().at(0, 60, 159), 0.2f);  // new at the right
  EXPECT_LT(motion.confidence.view().at(0, 0, 80), 0.3f);    // and at the top
  EXPECT_LT(motion.unexplained, 0.15);

  Tensor scratch;
  EXPECT_LT(flicker(before, now, motion, scratch), 2);
  MotionFinder still({});
  Motion none;
  still.run(before, now, none);
  EXPECT_GT(flicker(before, now, none, scratch), 5);
}

TEST_P(MotionTest, AnotherSceneIsNotExplained) {
  const Tensor before = part_of(scene(), 0, 0, 96, 128);
  Tensor now = part_of(cloudscape(240, 200, 77).color, 40, 60, 96, 128);
  for (float& v : now.elements()) v = 255 - v;
  Motion motion;
  MotionFinder(GetParam()).run(before, now, motion);
  EXPECT_GT(motion.unexplained, 0.7);
  MotionFinder({}).run(before, now, motion);
  EXPECT_GT(motion.unexplained, 0.7);
}

TEST_P(MotionTest, TinyPicturesAndTheSameTwice) {
  const Tensor tiny = part_of(scene(), 5, 5, 7, 9);
  MotionFinder finder(GetParam());
  Motion motion, again;
  finder.run(tiny, tiny, motion);
  EXPECT_LT(motion.unexplained, 0.05);
  finder.run(tiny, tiny, again);
  for (std::int64_t i = 0; i < motion.flow.size(); ++i) ASSERT_EQ(motion.flow[i], again.flow[i]);
  EXPECT_THROW(finder.run(tiny, part_of(scene(), 0, 0, 8, 9), motion), BadShape);
}

// A thing passes in front of a scene. What it uncovers was hidden, though a flow that is drawn
// along with the thing finds the like of it: only the way there and back again tells.
TEST_P(MotionTest, WhatAMovingThingUncoversWasHidden) {
  const Tensor whole = scene(), background = part_of(whole, 0, 0, 120, 200);
  const auto with_thing_at = [&](std::int64_t left) {
    Tensor picture = background.clone();
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 35; y < 85; ++y)
        for (std::int64_t x = 0; x < 50; ++x)
          picture.view().at(c, y, left + x) = 255 - whole.view().at(c, 60 + y, 150 + x);
    return picture;
  };
  Motion motion;
  MotionFinder(GetParam()).run(with_thing_at(60), with_thing_at(84), motion);
  const auto mean_confidence = [&](std::int64_t left, std::int64_t right) {
    double sum = 0;
    for (std::int64_t y = 40; y < 80; ++y)
      for (std::int64_t x = left; x < right; ++x) sum += motion.confidence.view().at(0, y, x);
    return sum / static_cast<double>(40 * (right - left));
  };
  EXPECT_LT(mean_confidence(60, 84), 0.4);
  EXPECT_GT(mean_confidence(94, 124), 0.9);
}

INSTANTIATE_TEST_SUITE_P(Efforts, MotionTest,
                         ::testing::Values(FlowEffort::fast, FlowEffort::medium));

TEST(Warp, MovesByTheFlowAndMirrorsBeyondTheEdges) {
  Tensor from({1, 4, 5}), flow({2, 4, 5}), to({1, 4, 5});
  for (std::int64_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
  for (std::int64_t i = 0; i < 20; ++i) flow[i] = 2;
  warp(from, flow, to);
  EXPECT_FLOAT_EQ(to.view().at(0, 1, 0), 7);
  EXPECT_FLOAT_EQ(to.view().at(0, 1, 3), 9);
  EXPECT_FLOAT_EQ(to.view().at(0, 1, 4), 8);
  EXPECT_THROW(warp(from, Tensor({2, 4, 4}), to), BadShape);
}

}  // namespace
}  // namespace reverie
