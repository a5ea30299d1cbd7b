#include "reverie/job/time_estimate.h"

#include <gtest/gtest.h>

#include <vector>

#include "reverie/job/source_picture.h"

namespace reverie {
namespace {

TEST(TimeEstimate, IsAsRoughAsItIs) {
  EXPECT_EQ(rough_duration(0.2), "1 s");
  EXPECT_EQ(rough_duration(7.4), "7 s");
  EXPECT_EQ(rough_duration(42), "40 s");
  EXPECT_EQ(rough_duration(89), "90 s");
  EXPECT_EQ(rough_duration(200), "3 min");
  EXPECT_EQ(rough_duration(3 * 3600 + 1500), "3.4 h");
}

TEST(TimeEstimate, IsToldOnceAfterTwoSteps) {
  std::vector<std::string> lines;
  const auto tell = [&](const std::string& line) { lines.push_back(line); };
  TimeEstimate reduced("a.jpg", {4000, 3000}, {2000, 1500}, tell);
  reduced.step(0.01, 3);  // of which most was preparation
  EXPECT_TRUE(lines.empty());
  reduced.step(0.02, 3.5);  // 0.5 s for a hundredth: 49 s for the rest
  reduced.step(0.03, 9);
  reduced.finish();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0],
            "a.jpg: 4000x3000 is reduced to 2000x1500, about 55 s; --size full dreams all of it, "
            "in about 4 min");

  // At its own size only a dream of some length
  for (const double step : {0.1, 1.0}) {
    TimeEstimate own("b.jpg", {400, 300}, {400, 300}, tell);
    own.step(0.01, step);
    own.step(0.02, 2 * step);
    own.finish();
  }
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1], "b.jpg: 400x300, about 2 min");

  // Too short for an estimate
  TimeEstimate single("c.jpg", {4000, 3000}, {2000, 1500}, tell);
  single.step(1, 2);
  single.finish();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[2], "c.jpg: 4000x3000 is reduced to 2000x1500; --size full dreams all of it");
}

TEST(ReducedSize, IsForLargePhotographsThatNobodyHasSized) {
  const auto picture = [](std::int64_t width, std::int64_t height) {
    Image image;
    image.color = Tensor({3, height, width});
    return image;
  };
  Recipe recipe;
  EXPECT_FALSE(reduced_size(recipe, picture(3000, 2000), 2048));
  ASSERT_TRUE(reduced_size(recipe, picture(3001, 2000), 2048));
  EXPECT_EQ(to_string(reduced_size(recipe, picture(3001, 2000), 2048)), "2048");
  recipe.size = parse_size("full");
  EXPECT_EQ(to_string(recipe.size), "100%");
  EXPECT_FALSE(reduced_size(recipe, picture(3001, 2000), 2048));
  recipe.size.reset();
  recipe.faithful = true;
  EXPECT_FALSE(reduced_size(recipe, picture(3001, 2000), 2048));
}

}  // namespace
}  // namespace reverie
