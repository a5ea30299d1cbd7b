// What users type who come from other programs, and what shells do around the program.
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Manners : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    make_scene("sky.png");
  }
  Finished quick_dream(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--octaves", "1", "--iterations", "1", "-l", "3a/concat"});
    return reverie(arguments);
  }
};

TEST_F(Manners, HelpIsACommandToo) {
  const Finished all = reverie({"help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(all.out, reverie({"--help"}).out);
  EXPECT_EQ(reverie({"help", "zoom"}).out, reverie({"zoom", "--help"}).out);
  EXPECT_EQ(reverie({"help", "models", "fetch"}).out, reverie({"models", "fetch", "--help"}).out);
  EXPECT_EQ(reverie({"-V"}).out, reverie({"--version"}).out);
}

TEST_F(Manners, NamesThatBeginWithADash) {
  fs::rename(folder_ / "sky.png", folder_ / "-dash.png");
  expect_refusal({"image", "-dash.png"}, 2, {"./-dash.png"});
  std::vector<std::string> dream{"image", "--octaves", "1", "--iterations", "1", "--", "-dash.png"};
  EXPECT_EQ(reverie(dream).status, 0);
  EXPECT_TRUE(exists("-dash.dream.png"));
}

TEST_F(Manners, RangesAreNamed) {
  expect_refusal({"image", "sky.png", "--threads", "0"}, 2, {"--threads", "1 to 1024"});
  expect_refusal({"image", "sky.png", "--memory", "10"}, 2, {"--memory", "1M"});
  expect_refusal({"image", "sky.png", "--size", "0%"}, 2, {"--size", "1% to 1000%"});
  expect_refusal({"layers", "--size", "50%"}, 2, {"reverie layers IMAGE"});
  expect_refusal({"image", "sky.png", "--sweep", "page=1,2"}, 2, {"page"});
}

TEST_F(Manners, ASeedByChanceIsRecorded) {
  ASSERT_EQ(quick_dream({"image", "sky.png", "--seed", "random", "-o", "a.png"}).status, 0);
  EXPECT_NE(reverie({"recipe", "a.png"}).json()["recipe"]["seed"], 0);
  EXPECT_EQ(reverie({"redo", "a.png", "-o", "b.png"}).status, 0);
  EXPECT_EQ(read("b.png"), read("a.png"));
}

TEST_F(Manners, ASizeMayBeAPart) {
  const Finished half = quick_dream({"image", "sky.png", "--size", "50%", "--json"});
  ASSERT_EQ(half.status, 0) << half.err;
  EXPECT_EQ(half.json()["dreams"][0]["width"], 48);
  EXPECT_EQ(half.json()["dreams"][0]["height"], 40);
}

TEST_F(Manners, ANameTooLongIsFoundBeforeDreaming) {
  expect_refusal({"image", "sky.png", "-o", std::string(300, 'a') + ".png"}, 1, {"shorter name"});
}

// The options of the script that Reverie's zooms descend from
TEST_F(Manners, TheScriptsOptionsLeadToTheCommand) {
  expect_refusal({"--input", "sky.png", "--name", "a", "--frames", "3"}, 2, {"reverie zoom PHOTO"});
  expect_refusal({"zoom", "sky.png", "--iter_num", "3"}, 2, {"--iterations"});
  expect_refusal({"zoom", "sky.png", "--rec_num", "3"}, 2, {"--octaves"});
}

TEST_F(Manners, AnIgnoredInterruptStaysIgnored) {
  const std::string script =
      "trap '' INT; \"$@\" & sleep 0.7; kill -INT $!; sleep 0.2; kill -INT $!; wait $!";
  const Finished finished = reverie_by(
      script, {"image", "sky.png", "--octaves", "2", "--iterations", "60", "-o", "out.png"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(exists("out.png"));
}

}  // namespace
}  // namespace reverie::test
