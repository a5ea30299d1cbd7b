// Several videos in one command.
#include "tests/cli/video_fixture.h"

namespace reverie::test {
namespace {

class VideosTest : public VideoProgramTest {
 protected:
  static std::vector<std::string> videos(std::vector<std::string> inputs,
                                         const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"video"};
    arguments.insert(arguments.end(), inputs.begin(), inputs.end());
    for (const char* word : {"--octaves", "1", "--iterations", "1", "--carried-iterations", "1",
                             "--layer", "3a/concat"})
      arguments.emplace_back(word);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(VideosTest, EachHasAnOutputAndOneThatFailsStopsNone) {
  make_video("a.mkv", 3);
  make_video("a.mp4", 3);
  make_video("b.mkv", 3);
  std::ofstream(folder_ / "broken.mp4") << "no video";
  const Finished finished =
      reverie(videos({"a.mkv", "broken.mp4", "missing.mkv", "a.mp4", "b.mkv"}, {"--json"}));
  EXPECT_EQ(finished.status, 1);
  EXPECT_NE(finished.err.find("'broken.mp4' is not a video"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("missing.mkv"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("3 of 5 videos dreamed"), std::string::npos) << finished.err;
  for (const char* name : {"a.dream.mp4", "a.mp4.dream.mp4", "b.dream.mp4"})
    EXPECT_EQ(times_of(name).size(), 3u) << name;
  EXPECT_EQ(finished.json()["videos"].size(), 3u);
  EXPECT_EQ(finished.json()["failures"][0]["input"], "broken.mp4");

  // Again: what is there is not replaced
  const Finished again = reverie(videos({"a.mkv", "b.mkv"}));
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("0 of 2 videos dreamed"), std::string::npos) << again.err;
}

TEST_F(VideosTest, FoldersOfVideosAreOpened) {
  fs::create_directory(folder_ / "clips");
  make_video("clips/9.mkv", 3);
  make_video("clips/10.mkv", 3);
  std::ofstream(folder_ / "clips/notes.txt") << "x";
  Finished finished = reverie(videos({"clips"}, {"-o", "out/"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.err.find("1 file passed over"), std::string::npos) << finished.err;
  EXPECT_LT(finished.err.find("out/9.dream.mp4"), finished.err.find("out/10.dream.mp4"));
  finished = reverie(videos({"clips"}, {"-o", "other/*.gif"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(times_of("other/10.gif").size(), 3u);
}

TEST_F(VideosTest, WhatOneVideoAloneCanHaveIsRefused) {
  make_video("a.mkv", 2);
  make_video("b.mkv", 2);
  expect_refusal(videos({"a.mkv", "b.mkv"}, {"-o", "c.mp4"}), 2, {"one video", "*.dream.mp4"});
  expect_refusal(videos({"a.mkv", "b.mkv"}, {"--preview", "p.png"}), 2, {"--preview"});
  expect_refusal(videos({"f1.png", "f2.png"}), 2, {"*.png", "in quotes"});
}

}  // namespace
}  // namespace reverie::test
