#include "reverie/octave/wrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/ascent/roll.h"
#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor random_picture(std::int64_t height, std::int64_t width) {
  Tensor picture({3, height, width});
  RandomStream stream = Random(4).at(RandomUse::noise, 0, 0, 0);
  for (float& v : picture.elements()) v = 255 * stream.uniform();
  return picture;
}

// Of layers with a stride of 16 and a receptive field of 59 px.
Footprint needs() {
  const FootprintAxis axis{16, 59, 58, 58, 58};
  return {true, axis, axis};
}

TEST(Wrap, ContinuesAtTheOppositeEdge) {
  for (const auto& [height, width] : {std::pair(7, 10), std::pair(150, 9), std::pair(1, 1)}) {
    const Tensor picture = random_picture(height, width);
    const WrapMargins margins = wrap_margins({height, width}, needs());
    const Size wide = wrapped_size({height, width}, margins);
    Tensor continued({3, wide.height, wide.width});
    pad_wrapped(picture, margins, continued);
    const std::int64_t down = margins.y, right = margins.x;
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < wide.height; ++y)
        for (std::int64_t x = 0; x < wide.width; ++x)
          ASSERT_EQ(continued.view().at(c, y, x), picture.view().at(c, (y - down + height) % height,
                                                                    (x - right + width) % width));
  }
}

// A gradient that is everywhere what the picture is there, at all copies, comes back as the
// picture.
TEST(Wrap, FoldsToTheMeanOfTheCopies) {
  for (const auto& [height, width] : {std::pair(7, 10), std::pair(200, 9), std::pair(130, 141)}) {
    const Tensor picture = random_picture(height, width);
    const WrapMargins margins = wrap_margins({height, width}, needs());
    const Size wide = wrapped_size({height, width}, margins);
    Tensor continued({3, wide.height, wide.width}), folded(picture.shape());
    pad_wrapped(picture, margins, continued);
    fold_wrapped(continued, margins, folded);
    for (std::int64_t i = 0; i < picture.size(); ++i) ASSERT_NEAR(folded[i], picture[i], 1e-3) << i;
  }
}

// What the network computed without what lies beyond has no weight.
TEST(Wrap, LeavesOutWhatIsNearTheOuterEdge) {
  const std::int64_t side = 600;
  const WrapMargins margins = wrap_margins({side, side}, needs());
  EXPECT_EQ(margins.y, 80);  // 58 px of halo, a third more for the ramp, on the grid of 16
  Tensor continued({3, side + 2 * margins.y, side + 2 * margins.x}), folded({3, side, side});
  for (const std::int64_t x : {std::int64_t{0}, std::int64_t{58}})
    continued.view().at(0, 300, x) = 1;
  fold_wrapped(continued, margins, folded);
  for (float v : folded.elements()) ASSERT_EQ(v, 0);
  continued.view().at(0, 300, 62) = 1;
  fold_wrapped(continued, margins, folded);
  EXPECT_GT(folded.view().at(0, 300 - margins.y, side - margins.x + 62), 0);
}

TEST(Wrap, MarginsAreAsWideAsTheHaloAsksAndASideAllows) {
  Footprint wide = needs();
  wide.y.halo = wide.x.halo = 1000;
  EXPECT_EQ(wrap_margins({800, 100}, wide).y, 192);  // a quarter of the side, on the grid
  EXPECT_EQ(wrap_margins({800, 100}, wide).x, 48);   // half of a short one
  wide.is_bounded = false;
  EXPECT_EQ(wrap_margins({800, 160}, wide).x, 64);  // four positions
  EXPECT_EQ(wrap_margins({9, 1}, wide).y, 4);
  EXPECT_EQ(wrap_margins({9, 1}, wide).x, 0);
}

TEST(Wrap, ResizesTheSameWhereverThePictureIsCut) {
  const Tensor picture = random_picture(12, 18);
  Tensor turned(picture.shape());
  roll(picture, {6, 4}, turned);
  const Tensor large = resized_wrapped(picture, {18, 30}),
               other = resized_wrapped(turned, {18, 30});
  Tensor back(large.shape());
  roll(large, {10, 6}, back);
  for (std::int64_t i = 0; i < back.size(); ++i) ASSERT_NEAR(other[i], back[i], 1e-3);
  // A part of a pixel before the first one's centre, along both axes
  const auto p = picture.view();
  const double down = 0.5 * 12 / 18 - 0.5, right = 0.5 * 18 / 30 - 0.5;
  const double upper = (1 + right) * p.at(0, 0, 0) - right * p.at(0, 0, 17);
  const double before = (1 + right) * p.at(0, 11, 0) - right * p.at(0, 11, 17);
  EXPECT_NEAR(large.view().at(0, 0, 0), (1 + down) * upper - down * before, 1e-3);
}

TEST(Wrap, HidesTheSeamOfAPicture) {
  Tensor grad({3, 40, 60});
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < 40; ++y)
      for (std::int64_t x = 0; x < 60; ++x)
        grad.view().at(c, y, x) = static_cast<float>(2 * x + 3 * y);
  Tensor seamless = grad.clone();
  make_seamless(seamless);
  const auto p = seamless.view();
  for (std::int64_t y = 0; y < 40; ++y) EXPECT_NEAR(p.at(0, y, 0), p.at(0, y, 59), 6) << y;
  for (std::int64_t x = 0; x < 60; ++x) EXPECT_NEAR(p.at(0, 0, x), p.at(0, 39, x), 6) << x;
  EXPECT_EQ(p.at(1, 20, 30), grad.view().at(1, 20, 30));
}

}  // namespace
}  // namespace reverie
