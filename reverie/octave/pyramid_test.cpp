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

TEST(Pyramid, RoundsHalvesToEvenAndKeepsAPixel) {
  EXPECT_EQ(pyramid_sizes({5, 7}, 2, 2.0), (std::vector<Size>{{2, 4}, {5, 7}}));
  EXPECT_EQ(pyramid_sizes({1, 1}, 3, 2.0), (std::vector<Size>{{1, 1}, {1, 1}, {1, 1}}));
}

TEST(Pyramid, DropsWhatDoesNotFitButNeverTheFullSize) {
  const auto sizes = pyramid_sizes({384, 512}, 4, 1.4);
  EXPECT_EQ(drop_misfits(sizes, [](Size s) { return s.height >= 196; }).size(), 3u);
  EXPECT_EQ(drop_misfits(sizes, [](Size) { return false; }), (std::vector<Size>{{384, 512}}));
  EXPECT_EQ(drop_misfits(pyramid_sizes({1, 1}, 5, 2.0), [](Size) { return true; }).size(), 1u);
}

}  // namespace
}  // namespace reverie
