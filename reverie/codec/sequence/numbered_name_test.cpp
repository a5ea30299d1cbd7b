#include "reverie/codec/sequence/numbered_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace reverie {
namespace {

TEST(NumberedName, IsReadFromBothForms) {
  const NumberedName four{"frame_", 4, ".png"};
  EXPECT_EQ(parse_numbered_name("frame_%04d.png"), four);
  EXPECT_EQ(parse_numbered_name("frame_####.png"), four);
  EXPECT_EQ(parse_numbered_name("%d.tif"), (NumberedName{"", 1, ".tif"}));
  for (const char* other : {"frame_0001.png", "frame_%s.png", "100%.png", "%d_%d.png", "a#1.png",
                            "##_##.png", "%0999999999999d.png", "%", "", "%0d"})
    EXPECT_FALSE(parse_numbered_name(other)) << other;
}

TEST(NumberedName, WritesAndReadsNumbers) {
  const NumberedName names{"a1_", 3, "b.png"};
  EXPECT_EQ(names.name(7), "a1_007b.png");
  EXPECT_EQ(names.name(12345), "a1_12345b.png");
  EXPECT_EQ(names.number("a1_007b.png"), 7);
  EXPECT_EQ(names.number("a1_12345b.png"), 12345);
  for (const char* other : {"a1_07b.png", "a1_0007b.png", "a1_b.png", "a1_-07b.png", "x1_007b.png",
                            "a1_007b.jpg", "a1_99999999999b.png", ""})
    EXPECT_FALSE(names.number(other)) << other;
}

TEST(NumberedName, OutputsArePicturesThatCanBeWritten) {
  for (const char* path : {"frame_%04d.png", "out/####.TIF", "a%d.jpg"})
    EXPECT_TRUE(is_numbered_output(path)) << path;
  for (const char* path : {"100%d.mp4", "frame_%04d", "frame.png", "out_%d/a.png", "a_##.gif"})
    EXPECT_FALSE(is_numbered_output(path)) << path;
}

TEST(NumberedName, NamesComeInTheOrderOfTheirNumbers) {
  const std::vector<std::string> ordered{
      "a.png", "f1.png", "f01.png", "f2.png", "f10.png", "f10b.png", "f99999999999999999999.png",
      "g"};
  std::vector<std::string> names(ordered.rbegin(), ordered.rend());
  std::sort(names.begin(), names.end(), comes_before);
  // Of two names of one number the order is that of their letters
  std::vector<std::string> expected = ordered;
  std::swap(expected[1], expected[2]);
  EXPECT_EQ(names, expected);
}

}  // namespace
}  // namespace reverie
