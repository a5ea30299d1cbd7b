#include "reverie/octave/pyramid.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

// Sizes that google/deepdream's notebook goes through, recorded from a run of it.
TEST(Pyramid, HasTheNotebooksSizes) {
  EXPECT_EQ(pyramid_sizes({575, 1024}, 4, 1.4),
            (std::vector<Size>{{210, 373}, {294, 522}, {411, 731}, {575, 1024}}));
  EXPECT_EQ(pyramid_sizes({384, 512}, 4, 1.4),
            (std::vector<Size>{{140, 186}, {196, 261}, {274, 366}, {384, 512}}));
}

// As int(base * 1.3 ** n) in float32, int(n * 0.7), int(float32(n) / 1.4) and round(base * 1.8 **
// (l - 3)) give them.
TEST(Pyramid, HasEachProgramsSizes) {
  EXPECT_EQ(pyramid_sizes({384, 512}, 5, 1.3, SizeRule::list_truncated, 2),
            (std::vector<Size>{{227, 302}, {295, 393}, {384, 512}, {499, 665}, {648, 865}}));
  EXPECT_EQ(pyramid_sizes({90, 512}, 4, 1 / 0.7, SizeRule::chain_truncated),
            (std::vector<Size>{{30, 175}, {43, 250}, {62, 358}, {90, 512}}));
  EXPECT_EQ(pyramid_sizes({224, 225}, 3, 1.4, SizeRule::chain_truncated_float, 2),
            (std::vector<Size>{{224, 225}, {313, 315}, {438, 441}}));
  EXPECT_EQ(pyramid_sizes({384, 600}, 4, 1.8, SizeRule::list_rounded),
            (std::vector<Size>{{66, 103}, {119, 185}, {213, 333}, {384, 600}}));
  EXPECT_EQ(pyramid_sizes({384, 512}, 2, 1, SizeRule::chain_truncated),
            (std::vector<Size>{{384, 512}, {384, 512}}));
}

TEST(Pyramid, RoundsHalvesToEvenAndKeepsAPixel) {
  EXPECT_EQ(pyramid_sizes({5, 7}, 2, 2.0), (std::vector<Size>{{2, 4}, {5, 7}}));
  EXPECT_EQ(pyramid_sizes({1, 1}, 3, 2.0), (std::vector<Size>{{1, 1}, {1, 1}, {1, 1}}));
}

TEST(Pyramid, DropsWhatDoesNotFitButNeverTheFullSize) {
  const auto sizes = pyramid_sizes({384, 512}, 4, 1.4);
  EXPECT_EQ(drop_misfits(sizes, {384, 512}, [](Size s) { return s.height >= 196; }).size(), 3u);
  EXPECT_EQ(drop_misfits(sizes, {384, 512}, [](Size) { return false; }),
            (std::vector<Size>{{384, 512}}));
  EXPECT_EQ(drop_misfits(pyramid_sizes({1, 1}, 5, 2.0), {1, 1}, [](Size) { return true; }).size(),
            1u);
}

}  // namespace
}  // namespace reverie
