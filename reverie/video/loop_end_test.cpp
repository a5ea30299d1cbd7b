#include "reverie/video/loop_end.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/image/resample.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

constexpr std::int64_t width = 160, height = 112;

double mean_difference(ConstView a, ConstView b, std::int64_t border = 0) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = border; y < height - border; ++y)
      for (std::int64_t x = border; x < width - border; ++x, ++count)
        sum += std::fabs(a.at(c, y, x) - b.at(c, y, x));
  return sum / static_cast<double>(count);
}

// Large shapes alone, or what is left without them.
Tensor coarse(ConstView picture) {
  return resampled(resampled(picture, height / 16, width / 16, Resampler::lanczos), height, width,
                   Resampler::lanczos);
}

Tensor fine(ConstView picture) {
  Tensor rest = Tensor::copy_of(picture);
  const Tensor large = coarse(picture);
  for (std::int64_t i = 0; i < rest.size(); ++i) rest[i] -= large[i];
  return rest;
}

class LoopEndTest : public ::testing::Test {
 protected:
  LoopEndTest() {
    settings_.frames = 60;
    settings_.loop = 20;
    settings_.camera.zoom = parse_zoom_step("1.02x");
    settings_.camera.rotate = 0.7;
    settings_.camera.pan_x = 1.5;
    settings_.camera.centre_y = 0.4;
  }

  LoopEnd end() const { return {first_.color, settings_, timeline()}; }
  Timeline timeline() const {
    return {settings_, Recipe(), {LayerSpec{"3a/concat", {}, 1}}, width, height};
  }
  Tensor moved(const Tensor& canvas, int frame) const {
    Tensor to = Tensor::uninitialized(canvas.shape());
    move_camera(canvas, timeline().at(frame).move, to);
    return to;
  }

  ZoomSettings settings_;
  const Image first_ = cloudscape(width, height, 3), dream_ = cloudscape(width, height, 11);
};

// The camera's own moves bring what it is seen from earlier back to the first frame.
TEST_F(LoopEndTest, TheTargetIsTheFirstFrameSeenFromEarlier) {
  const LoopEnd loop = end();
  EXPECT_LT(mean_difference(moved(loop.target(59), 60), first_.color, 4), 2.5);  // sampled twice
  for (int frame : {41, 50, 59}) {
    const Tensor next = moved(loop.target(frame - 1), frame);
    EXPECT_LT(mean_difference(next, loop.target(frame), 12), 2.5) << frame;
  }
  // At another place than it would be without the moves
  EXPECT_GT(mean_difference(loop.target(45), first_.color), 8);
}

TEST_F(LoopEndTest, WhateverWasDreamedBecomesTheFirstFrame) {
  const LoopEnd loop = end();
  Tensor canvas = dream_.color.clone();
  for (int frame = 40; frame < 60; ++frame) {
    canvas = moved(canvas, frame);
    loop.draw_near(canvas, frame, true);
  }
  EXPECT_LT(mean_difference(canvas, loop.target(59)), 1);
  EXPECT_LT(mean_difference(moved(canvas, 60), first_.color, 4), 3);
}

// Two pictures would lie over each other if all scales took the whole way.
TEST_F(LoopEndTest, LargeShapesComeFirst) {
  const LoopEnd loop = end();
  Tensor canvas = dream_.color.clone();
  const auto left = [&](auto part, int frame) {
    return mean_difference(part(canvas), part(loop.target(frame)));
  };
  std::vector<std::pair<double, double>> rest;  // coarse and fine
  for (int frame = 40; frame < 60; ++frame) {
    canvas = moved(canvas, frame);
    const double large = left(coarse, frame), small = left(fine, frame);
    loop.draw_near(canvas, frame, true);
    rest.emplace_back(left(coarse, frame) / large, left(fine, frame) / small);
  }
  EXPECT_LT(rest[4].first, 0.9);
  EXPECT_GT(rest[4].second, 0.9);
  EXPECT_LT(left(coarse, 59), 1);
  EXPECT_GT(rest[1].second, 0.85);
  for (std::size_t k = 0; k < rest.size(); ++k) EXPECT_LE(rest[k].first, 1.001) << k;
}

TEST_F(LoopEndTest, OnlyTheLastFramesOfALoopThatIsDreamed) {
  Tensor canvas = dream_.color.clone();
  end().draw_near(canvas, 39, true);
  EXPECT_EQ(mean_difference(canvas, dream_.color), 0);
  settings_.loop_style = LoopStyle::dissolve;
  end().draw_near(canvas, 59, true);
  EXPECT_EQ(mean_difference(canvas, dream_.color), 0);
}

}  // namespace
}  // namespace reverie
