// Ctrl-C keeps what is finished.
#include <unistd.h>

#include <csignal>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Interrupt : public ProgramTest {};

TEST_F(Interrupt, KeepsTheLastFinishedOctave) {
  make_scene("sky.png", "160x120");
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Running dream({REVERIE_PROGRAM, "image", "sky.png", "-o", "out.png", "--overwrite", "--json",
                   "--octaves", "3", "--iterations", "400"},
                  folder_);
    ASSERT_TRUE(dream.wait_for_error_text("octave 1 of 3"));
    dream.send(signal);
    const Finished finished = dream.finish();
    EXPECT_EQ(finished.status, 130) << finished.err;
    const auto outcome = finished.json()["dreams"][0];
    EXPECT_EQ(outcome["cancelled"], true);
    EXPECT_EQ(outcome["octaves"], 1);
    EXPECT_EQ(outcome["width"], 160);
    EXPECT_EQ(outcome["height"], 120);
    EXPECT_TRUE(exists("out.png"));
    EXPECT_NE(finished.err.find("1 octave of 'sky.png' kept in 'out.png'"), std::string::npos)
        << finished.err;
  }
}

TEST_F(Interrupt, LeavesNothingWhenNothingIsFinished) {
  make_scene("sky.png", "160x120");
  const auto before = snapshot();
  Running dream({REVERIE_PROGRAM, "image", "sky.png", "--octaves", "1", "--iterations", "10000"},
                folder_);
  ::usleep(500'000);
  dream.send(SIGINT);
  const Finished finished = dream.finish();
  EXPECT_EQ(finished.status, 130) << finished.err;
  EXPECT_TRUE(snapshot() == before);
}

TEST_F(Interrupt, StopsBeforeTheNextPicture) {
  make_scene("a.png", "160x120");
  make_scene("b.png");
  Running dream(
      {REVERIE_PROGRAM, "image", "a.png", "b.png", "--octaves", "2", "--iterations", "400"},
      folder_);
  ASSERT_TRUE(dream.wait_for_error_text("octave 1 of 2"));
  dream.send(SIGINT);
  EXPECT_EQ(dream.finish().status, 130);
  EXPECT_TRUE(exists("a.dream.png"));
  EXPECT_FALSE(exists("b.dream.png"));
}

}  // namespace
}  // namespace reverie::test
