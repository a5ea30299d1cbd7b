// `reverie atlas` as a user calls it.
#include <csignal>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class AtlasCommand : public ProgramTest {
 protected:
  // A small atlas of the network inside, with its cache in the test's own folder.
  std::vector<std::string> small(std::vector<std::string> options) const {
    options.insert(options.begin(), {"atlas", "-l", "3a/concat", "--cache", "cache"});
    options.insert(options.end(), {"--size", "32", "--iterations", "3"});
    return options;
  }
  std::size_t features() const {
    std::size_t count = 0;
    for (const auto& file : snapshot_names())
      count += file.find("cache/") == 0 && file.ends_with(".png");
    return count;
  }
  std::vector<std::string> snapshot_names() const {
    std::vector<std::string> names;
    if (!exists("cache")) return names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "cache"))
      names.push_back(fs::relative(entry.path(), folder_).string());
    return names;
  }
};

TEST_F(AtlasCommand, MakesASheetOnceAndThenFromTheCache) {
  const auto finished = reverie(small({"--channels", "0-2,7", "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto json = finished.json();
  EXPECT_EQ(json["channels"], (std::vector<int>{0, 1, 2, 7}));
  EXPECT_EQ(json["output"], "3a_concat.atlas.png");
  EXPECT_EQ(features(), 4u);
  const std::string sheet = read("3a_concat.atlas.png");
  const auto again = reverie(small({"--channels", "0-2,7", "--overwrite"}));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.err.find("channel 1/"), std::string::npos) << again.err;
  EXPECT_EQ(read("3a_concat.atlas.png"), sheet);
  EXPECT_EQ(features(), 4u);
}

TEST_F(AtlasCommand, RanksChannelsByAPicture) {
  make_scene("sky.png");
  const auto finished = reverie(small({"--top", "sky.png", "--count", "5", "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto top = finished.json()["top"];
  ASSERT_EQ(top.size(), 5u);
  EXPECT_GE(top[0]["answer"], top[4]["answer"]);
  EXPECT_EQ(features(), 0u);
  const auto place = reverie(small({"--top", "sky.png", "0.5,0.9", "--count", "5", "--json"}));
  ASSERT_EQ(place.status, 0) << place.err;
  EXPECT_NE(place.json()["top"], top);
  const auto sheet = reverie(small({"--top", "sky.png", "--count", "2", "-o", "top.png"}));
  ASSERT_EQ(sheet.status, 0) << sheet.err;
  EXPECT_NE(sheet.out.find("RANK"), std::string::npos);
  EXPECT_TRUE(exists("top.png"));
  EXPECT_EQ(features(), 2u);
  const auto both = reverie(
      small({"--top", "sky.png", "--count", "2", "-o", "top.png", "--overwrite", "--json"}));
  ASSERT_EQ(both.status, 0) << both.err;
  EXPECT_EQ(both.json()["output"], "top.png");
  EXPECT_EQ(both.json()["top"][1], top[1]);
}

TEST_F(AtlasCommand, KeepsWhatIsFinishedWhenItIsKilled) {
  const std::vector<std::string> command = {REVERIE_PROGRAM, "atlas", "-l",           "3a/concat",
                                            "--cache",       "cache", "--channels",   "0-39",
                                            "--size",        "64",    "--iterations", "20"};
  Running running(command, folder_);
  ASSERT_TRUE(running.wait_for_error_text("channel 1/40"));
  running.send(SIGKILL);
  running.finish();
  const std::size_t kept = features();
  EXPECT_GE(kept, 1u);
  const auto finished = reverie({command.begin() + 1, command.end()});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.err.find("channel 1/" + std::to_string(40 - kept)), std::string::npos)
      << finished.err;
  EXPECT_EQ(features(), 40u);
}

TEST_F(AtlasCommand, SaysWhatCannotBeDone) {
  make_scene("sky.png");
  expect_refusal(small({"--channels", "3-1"}), 2, {"--channels", "3-1", "0-63"});
  expect_refusal(small({"--channels", "100000"}), 1, {"100000", "has"});
  expect_refusal({"atlas", "-l", "3a/concat:1", "--channels", "2"}, 2, {"leave one out"});
  expect_refusal({"atlas", "-l", "3a/concat@at=0,0"}, 2, {"expected NAME or NAME:CHANNELS"});
  expect_refusal({"atlas", "-l", "3a/concat=2"}, 2, {"expected NAME or NAME:CHANNELS"});
  expect_refusal({"atlas", "-l", "3a/concat", "-l", "3a/concat"}, 2, {"one layer"});
  expect_refusal({"atlas", "-l", "nothing"}, 1, {"nothing"});
  expect_refusal({"atlas", "--size", "31"}, 2, {"--size", "32 to 1024"});
  expect_refusal({"atlas", "--iterations", "0"}, 2, {"--iterations", "1 to 10000"});
  expect_refusal(small({"--top", "sky.png", "2,0"}), 2, {"2,0", "0 to 1"});
  expect_refusal(small({"--top", "nothing.png"}), 1, {"nothing.png"});
  expect_refusal(small({"-o", "sky.png"}), 1, {"sky.png", "exists"});
  expect_refusal(small({"--count", "3"}), 2, {"--count", "--top"});
  expect_refusal(small({"--json", "-o", "-"}), 2, {"--json"});
}

}  // namespace
}  // namespace reverie::test
