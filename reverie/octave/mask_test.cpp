#include "reverie/octave/mask.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"

namespace reverie {
namespace {

// White from `left` to `right`, both included, of 40 x 20 px.
Tensor stripe(std::int64_t left, std::int64_t right) {
  Tensor grey({1, 20, 40});
  for (std::int64_t y = 0; y < 20; ++y)
    for (std::int64_t x = left; x <= right; ++x) grey.view().at(0, y, x) = 255;
  return grey;
}

Tensor noise(std::uint64_t output_grad) {
  Tensor canvas({3, 20, 40});
  RandomStream stream = Random(output_grad).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = 255 * stream.uniform();
  return canvas;
}

TEST(Mask, IsTheGreyPicturesShare) {
  Tensor grey = stripe(10, 19);
  grey.view().at(0, 3, 5) = 51;
  const Tensor mask = make_mask(grey, {20, 40}, {});
  EXPECT_EQ(mask.view().at(0, 0, 9), 0.f);
  EXPECT_EQ(mask.view().at(0, 0, 10), 1.f);
  EXPECT_FLOAT_EQ(mask.view().at(0, 3, 5), 0.2f);
  EXPECT_FLOAT_EQ(make_mask(grey, {20, 40}, {true, 0}).view().at(0, 3, 5), 0.8f);
}

TEST(Mask, FitsAnySizeWithoutOvershoot) {
  for (Size size : {Size{5, 10}, Size{3, 7}, Size{55, 90}, Size{20, 41}, Size{60, 10}}) {
    const Tensor mask = make_mask(stripe(10, 39), size, {});
    EXPECT_EQ(mask.shape(), (Shape{1, size.height, size.width}));
    for (float v : mask.elements()) ASSERT_TRUE(v >= 0 && v <= 1);
    EXPECT_EQ(mask.view().at(0, 0, 0), 0.f);
    EXPECT_EQ(mask.view().at(0, size.height - 1, size.width - 1), 1.f);
  }
}

TEST(Mask, ThinLinesSurviveShrinking) {
  const Tensor mask = make_mask(stripe(21, 21), {4, 5}, {});
  float most = 0;
  for (float v : mask.elements()) most = std::max(most, v);
  EXPECT_GT(most, 0.05f);
}

TEST(Mask, FeathersInwards) {
  const Tensor hard = make_mask(stripe(10, 39), {20, 40}, {});
  const Tensor soft = make_mask(stripe(10, 39), {20, 40}, {false, 8});
  for (std::int64_t i = 0; i < hard.size(); ++i)
    if (hard[i] == 0) {
      ASSERT_EQ(soft[i], 0.f);
    }
  const ConstView row = soft;
  EXPECT_LT(row.at(0, 10, 10), 0.2f);
  EXPECT_GT(row.at(0, 10, 14), row.at(0, 10, 11));
  EXPECT_GT(row.at(0, 10, 19), 0.9f);
}

// However much white there is around it.
TEST(Mask, FeatheringLeavesAThinBlackLineBlack) {
  const Tensor soft = make_mask(stripe(21, 21), {20, 40}, {true, 8});
  EXPECT_EQ(soft.view().at(0, 10, 21), 0.f);
  EXPECT_GT(soft.view().at(0, 10, 22), 0.f);
}

TEST(Mask, MixesAndKeepsBits) {
  const Tensor source = noise(1), dream = noise(2);
  Tensor canvas = dream.clone(), mask({1, 20, 40});
  mask[1] = 1, mask[2] = 0.25f;
  mix_by_mask(source, mask, canvas);
  for (std::int64_t c = 0; c < 3; ++c) {
    EXPECT_EQ(canvas[c * 800], source[c * 800]);
    EXPECT_EQ(canvas[c * 800 + 1], dream[c * 800 + 1]);
    EXPECT_FLOAT_EQ(canvas[c * 800 + 2], 0.75f * source[c * 800 + 2] + 0.25f * dream[c * 800 + 2]);
  }
}

TEST(KeepColour, TakesLumaAloneWhereThereIsRoom) {
  const Tensor source = noise(1), dream = noise(2);
  Tensor canvas = dream.clone();
  keep_color(source, canvas);
  int with_room = 0;
  for (std::int64_t i = 0; i < 800; ++i) {
    EXPECT_NEAR(canvas[i] - canvas[800 + i], source[i] - source[800 + i], 1e-3);
    EXPECT_NEAR(canvas[i] - canvas[1600 + i], source[i] - source[1600 + i], 1e-3);
    const auto luma = [&](const Tensor& t) {
      return 0.2126 * t[i] + 0.7152 * t[800 + i] + 0.0722 * t[1600 + i];
    };
    bool has_room = true;
    for (std::int64_t c = 0; c < 3; ++c) {
      ASSERT_TRUE(canvas[c * 800 + i] >= -1e-3 && canvas[c * 800 + i] <= 255 + 1e-3);
      has_room = has_room && canvas[c * 800 + i] > 0.01 && canvas[c * 800 + i] < 254.99;
    }
    if (!has_room) continue;
    EXPECT_NEAR(luma(canvas), luma(dream), 1e-2);
    ++with_room;
  }
  EXPECT_GT(with_room, 200);
}

}  // namespace
}  // namespace reverie
