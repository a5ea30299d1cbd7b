// Zooms that are finished and then go on with more frames.
#include <unistd.h>

#include <csignal>

#include "reverie/codec/video/video_join.h"
#include "reverie/codec/video/video_read.h"
#include "tests/cli/zoom_fixture.h"

namespace reverie::test {
namespace {

class ZoomGrowthTest : public ZoomFixture {
 protected:
  void make(const std::vector<std::string>& arguments) const {
    const Finished finished = reverie(arguments);
    ASSERT_EQ(finished.status, 0) << finished.err;
  }

  // Frames that were not dreamed now.
  int resumed(const std::vector<std::string>& arguments) const {
    std::vector<std::string> with_report = arguments;
    with_report.push_back("--json");
    const Finished finished = reverie(with_report);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.status == 0 ? finished.json()["resumed"].get<int>() : -1;
  }

  std::vector<Image> frames_of(const std::string& video) const {
    VideoReader reader(folder_ / video);
    std::vector<Image> frames;
    Image frame;
    while (reader.next(frame)) frames.push_back(frame.clone());
    return frames;
  }

  static bool are_equal(const Image& a, const Image& b) {
    return a.color.shape() == b.color.shape() &&
           std::equal(a.color.elements().begin(), a.color.elements().end(),
                      b.color.elements().begin());
  }

  // The canvas in a state, which is what stands last in it.
  std::string canvas_in(const std::string& state) const {
    const std::string bytes = read(state);
    return bytes.substr(bytes.size() - 4 * 3 * 64 * 96);
  }
};

// A GIF holds every frame by itself, so that equal files are equal frames.
TEST_F(ZoomGrowthTest, IsWhatOneRunMakes) {
  make(short_zoom("one.gif", 9));
  make(short_zoom("grown.gif", 3));
  EXPECT_EQ(resumed(short_zoom("grown.gif", 4)), 3);
  EXPECT_EQ(resumed(short_zoom("grown.gif", 9)), 4);
  EXPECT_EQ(frames_of("grown.gif").size(), 9u);
  EXPECT_TRUE(read("grown.gif") == read("one.gif"));
  EXPECT_TRUE(canvas_in("grown.gif.state") == canvas_in("one.gif.state"));
  EXPECT_FALSE(exists("grown.gif.parts"));
  EXPECT_EQ(reverie({"recipe", "grown.gif"}).json()["zoom"]["frames"], 9);
}

TEST_F(ZoomGrowthTest, KeepsTheEncodedFramesAsTheyAre) {
  for (const std::string name : {"a.mp4", "a.webm", "a.avi"}) {
    SCOPED_TRACE(name);
    make(short_zoom(name, 5, {"--fps", "10"}));
    const std::string before = checksum_of({folder_ / name, 0, 5});
    EXPECT_EQ(resumed(short_zoom(name, 8, {"--fps", "10"})), 5);
    EXPECT_EQ(checksum_of({folder_ / name, 0, 5}), before);
    EXPECT_EQ(frames_of(name).size(), 8u);
    VideoReader reader(folder_ / name);
    EXPECT_NEAR(reader.fps(), 10, 1e-3);
    for (int k = 0; reader.skip(); ++k) EXPECT_NEAR(reader.seconds(), k / 10.0, 0.002);
  }
  make(short_zoom("one.mp4", 8));
  EXPECT_TRUE(canvas_in("a.mp4.state") == canvas_in("one.mp4.state"));
}

TEST_F(ZoomGrowthTest, FramesInAFolderStay) {
  make(short_zoom("one/", 7));
  make(short_zoom("grown/", 4));
  const auto first = files_in("grown");
  EXPECT_EQ(resumed(short_zoom("grown/", 7)), 4);
  const auto one = files_in("one"), grown = files_in("grown");
  ASSERT_EQ(grown.size(), 7u);
  for (const auto& [name, bytes] : first) EXPECT_TRUE(grown.at(name) == bytes) << name;
  for (const auto& [name, bytes] : one)
    EXPECT_TRUE(are_equal(frames_of("grown/" + name).at(0), frames_of("one/" + name).at(0)))
        << name;
  EXPECT_TRUE(exists("grown.state"));
  // The frame that goes on is gone
  fs::remove(folder_ / "grown/frame_000002.png");
  expect_refusal(short_zoom("grown/", 8), 1, {"frame_000002.png", "--overwrite"});
}

TEST_F(ZoomGrowthTest, APalindromeGrowsInTheMiddle) {
  make(short_zoom("straight.gif", 7));
  make(short_zoom("there.gif", 4, {"--palindrome"}));
  EXPECT_EQ(frames_of("there.gif").size(), 6u);
  EXPECT_EQ(resumed(short_zoom("there.gif", 7, {"--palindrome"})), 4);
  const std::vector<Image> straight = frames_of("straight.gif"), there = frames_of("there.gif");
  ASSERT_EQ(there.size(), 12u);
  for (std::size_t k = 0; k < 12; ++k)
    EXPECT_TRUE(are_equal(there[k], straight[k < 7 ? k : 12 - k])) << k;
  EXPECT_EQ(resumed(short_zoom("there.gif", 8, {"--palindrome"})), 7);
  EXPECT_EQ(frames_of("there.gif").size(), 14u);

  make(short_zoom("folder/", 4, {"--palindrome"}));
  EXPECT_EQ(files_in("folder").size(), 6u);
  EXPECT_EQ(resumed(short_zoom("folder/", 7, {"--palindrome"})), 4);
  EXPECT_EQ(files_in("folder").size(), 12u);
  EXPECT_TRUE(read("folder/frame_000011.png") == read("folder/frame_000001.png"));
  EXPECT_TRUE(read("folder/frame_000007.png") == read("folder/frame_000005.png"));

  // What was not kept cannot be played backwards
  expect_refusal(short_zoom("straight.gif", 9, {"--palindrome"}), 1, {"palindrome is false there"});
  expect_refusal(short_zoom("a.mp4", 9, {"--palindrome", "--loop", "3"}), 2,
                 {"loop", "palindrome"});
}

// What was dreamed towards the old end is dreamed again, away from it.
TEST_F(ZoomGrowthTest, ALoopGrowsBeforeItsEnd) {
  make(short_zoom("one.gif", 12, {"--loop", "3"}));
  make(short_zoom("a.gif", 8, {"--loop", "3"}));
  EXPECT_EQ(resumed(short_zoom("a.gif", 12, {"--loop", "3"})), 5);
  EXPECT_TRUE(read("a.gif") == read("one.gif"));
  // Another length of the end, and none
  make(short_zoom("two.gif", 14, {"--loop", "4"}));
  EXPECT_EQ(resumed(short_zoom("a.gif", 14, {"--loop", "4"})), 9);
  EXPECT_TRUE(read("a.gif") == read("two.gif"));
  expect_refusal(short_zoom("a.gif", 15, {"--loop", "8"}), 1, {"18 frames or more"});
  make(short_zoom("three.gif", 15));
  EXPECT_EQ(resumed(short_zoom("a.gif", 15)), 10);
  EXPECT_TRUE(read("a.gif") == read("three.gif"));
  // First frames that are mixed are not there unmixed
  expect_refusal(short_zoom("a.gif", 20, {"--loop", "3", "--loop-style", "dissolve"}), 1,
                 {"loop_style is dream there and dissolve here"});
  make(short_zoom("mixed.gif", 6, {"--loop", "3", "--loop-style", "dissolve", "--keep-state"}));
  EXPECT_FALSE(exists("mixed.gif.state"));
}

// An unfinished loop goes on with another end where the frames before it are there.
TEST_F(ZoomGrowthTest, AnUnfinishedLoopTakesAnotherEnd) {
  make(short_zoom("one.gif", 90, {"--loop", "40"}));
  std::vector<std::string> command = short_zoom("a.gif", 400, {"--loop", "395"});
  command.insert(command.begin(), REVERIE_PROGRAM);
  Running dreaming(command, folder_);
  ASSERT_TRUE(dreaming.wait_for_error_text("frame "));
  ::usleep(300'000);
  dreaming.send(SIGINT);
  EXPECT_EQ(dreaming.finish().status, 130);
  const int plain = resumed(short_zoom("a.gif", 90, {"--loop", "40"}));
  EXPECT_GE(plain, 1);
  EXPECT_LE(plain, 5);
  EXPECT_TRUE(read("a.gif") == read("one.gif"));
}

TEST_F(ZoomGrowthTest, WhatDiffersIsNamedAndNothingChanges) {
  make(short_zoom("a.mp4", 4));
  make_scene("other.png", "96x64");
  ASSERT_EQ(
      reverie({"scene", "-o", "other.png", "--size", "96x64", "--seed", "8", "--overwrite"}).status,
      0);
  expect_refusal(short_zoom("a.mp4", 6, {"--seed", "7"}), 1,
                 {"a.mp4", "seed is 0 there and 7 here"});
  expect_refusal(short_zoom("a.mp4", 6, {"--zoom", "3"}), 1, {"zoom is"});
  expect_refusal(short_zoom("a.mp4", 6, {"--fps", "10"}), 1, {"fps is 30 there and 10 here"});
  expect_refusal(short_zoom("a.mp4", 6, {"--quality", "50"}), 1,
                 {"quality is 90 there and 50 here"});
  std::vector<std::string> other = short_zoom("a.mp4", 6);
  other[1] = "other.png";
  expect_refusal(other, 1, {"it has another source"});
  expect_refusal(short_zoom("a.mp4", 4), 1, {"has its 4 frames already"});
  expect_refusal(short_zoom("a.mp4", 3), 1, {"has its 4 frames already"});

  // Damaged and foreign files
  const std::string state = read("a.mp4.state"), video = read("a.mp4");
  write("a.mp4.state", state.substr(0, state.size() / 2));
  expect_refusal(short_zoom("a.mp4", 6), 1, {"a.mp4.state", "damaged", "--overwrite"});
  write("a.mp4.state", "shopping list");
  expect_refusal(short_zoom("a.mp4", 6), 1, {"a.mp4.state", "not the state of a zoom"});
  write("a.mp4.state", state);
  make(short_zoom("b.mp4", 4, {"--zoom", "3"}));
  write("a.mp4", read("b.mp4"));
  expect_refusal(short_zoom("a.mp4", 6), 1, {"a.mp4", "does not hold the frames", "--overwrite"});
  write("a.mp4", "no video");
  expect_refusal(short_zoom("a.mp4", 6), 1, {"a.mp4", "does not hold the frames", "not a video"});
  // A video of another kind is not replaced because a state lies beside it
  write("a.mp4", video);
  EXPECT_EQ(reverie({"video", "b.mp4", "-o", "a.mp4"}).status, 1);
  EXPECT_TRUE(read("a.mp4") == video);
  EXPECT_EQ(resumed(short_zoom("a.mp4", 6)), 4);
  // Begun again, it has the state of its own
  EXPECT_EQ(resumed(short_zoom("a.mp4", 3, {"--seed", "7", "--overwrite"})), 0);
  EXPECT_EQ(resumed(short_zoom("a.mp4", 5, {"--seed", "7"})), 3);
}

TEST_F(ZoomGrowthTest, TheStateIsKeptOrLeftOutAsAsked) {
  make(short_zoom("a.mp4", 3, {"--keep-state", "no"}));
  EXPECT_FALSE(exists("a.mp4.state"));
  expect_refusal(short_zoom("a.mp4", 5), 1, {"a.mp4", "--overwrite"});
  make(short_zoom("b.mp4", 3, {"--keep-state"}));
  EXPECT_TRUE(exists("b.mp4.state"));
  // The last time, without one
  EXPECT_EQ(resumed(short_zoom("b.mp4", 5, {"--keep-state", "no"})), 3);
  EXPECT_FALSE(exists("b.mp4.state"));
  expect_refusal(short_zoom("c.mp4", 3, {"--keep-state", "perhaps"}), 2,
                 {"--keep-state", "perhaps"});
}

TEST_F(ZoomGrowthTest, InterruptedGrowthGoesOn) {
  make(short_zoom("one.gif", 60, {"--palindrome"}));
  make(short_zoom("a.gif", 5, {"--palindrome"}));
  std::vector<std::string> command = short_zoom("a.gif", 60, {"--palindrome"});
  command.insert(command.begin(), REVERIE_PROGRAM);
  // At the end of a frame, and in the middle of whatever it is
  for (const int signal : {SIGINT, SIGKILL}) {
    Running growing(command, folder_);
    ASSERT_TRUE(growing.wait_for_error_text("frame "));
    growing.send(signal);
    EXPECT_NE(growing.finish().status, 0);
    EXPECT_GE(frames_of("a.gif").size(), 10u);
  }
  // Another dream is none to go on with
  expect_refusal(short_zoom("a.gif", 60, {"--palindrome", "--seed", "7"}), 1, {"seed is 0 there"});
  EXPECT_GE(resumed(short_zoom("a.gif", 60, {"--palindrome"})), 6);
  EXPECT_TRUE(read("a.gif") == read("one.gif"));
  EXPECT_FALSE(exists("a.gif.parts"));
}

TEST_F(ZoomGrowthTest, FaithfulOnesGoOnFromTheirFrames) {
  const auto faithful = [](const std::string& name, int frames,
                           const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "zoom", "sky.png",      "-p", "recursive", "--faithful",          "--name",
        name,   "--zoom",       "2",  "--layer",   "3a/concat",           "--tile",
        "64",   "--iterations", "2",  "--frames",  std::to_string(frames)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  make(faithful("One", 5));
  make(faithful("Trip", 2));
  const auto first = files_in("dream/Trip");
  EXPECT_EQ(resumed(faithful("Trip", 5)), 3);
  EXPECT_TRUE(files_in("dream/Trip") == files_in("dream/One"));
  for (const auto& [name, bytes] : first) EXPECT_TRUE(read("dream/Trip/" + name) == bytes) << name;
  EXPECT_TRUE(read("Trip.avi") == read("One.avi"));
  expect_refusal(faithful("Trip", 5), 1, {"Trip.avi", "5 frames already"});
  expect_refusal(faithful("Trip", 7, {"--seed", "3"}), 1, {"seed is 0 there and 3 here"});
  write("Trip.avi.state", "list");
  expect_refusal(faithful("Trip", 7), 1, {"Trip.avi.state"});
  make(faithful("Bare", 2, {"--keep-state", "no"}));
  EXPECT_FALSE(exists("Bare.avi.state"));
}

}  // namespace
}  // namespace reverie::test
