#include "reverie/video/checkpoint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "reverie/base/error.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() {
    std::string name = ::testing::TempDir() + "/parts-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    document_.zoom.emplace();
    place_ = checkpoint_paths(folder_ / "video.mp4", false);
  }
  ~CheckpointTest() override { fs::remove_all(folder_); }

  static Tensor canvas(float value) {
    Tensor tensor({3, 4, 6});
    for (float& v : tensor.elements()) v = value;
    return tensor;
  }
  void make_frames(int count) const {
    Checkpoint parts(place_, document_, false);
    while (parts.frames() < count) {
      parts.canvas() = canvas(static_cast<float>(10 * parts.frames()) + 0.25f);
      parts.finish_frame();
    }
  }

  fs::path folder_;
  DreamDocument document_;
  CheckpointPaths place_;
};

TEST_F(CheckpointTest, GoOnWithTheExactCanvas) {
  make_frames(3);
  Checkpoint parts(place_, document_, false);
  EXPECT_EQ(parts.frames(), 3);
  EXPECT_EQ(parts.canvas()[5], 20.25f);
  EXPECT_EQ(parts.read(1).color[0], 10.f);
}

TEST_F(CheckpointTest, AKillBetweenFrameAndCanvasCostsOneFrame) {
  make_frames(3);
  // The frame is written and its canvas is not, or the older canvas is still there
  fs::copy_file(place_.state / "frame_000002.png", place_.state / "frame_000003.png");
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 3);
  fs::copy_file(place_.state / "canvas_000002.npy", place_.state / "canvas_000001.npy");
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 3);
  // A canvas whose frame is not there is none to go on with
  fs::copy_file(place_.state / "canvas_000002.npy", place_.state / "canvas_000004.npy");
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 3);
  fs::remove(place_.state / "frame_000000.png");
  EXPECT_THROW(Checkpoint(place_, document_, false), FileFailure);
}

// A canvas goes only when the next one is there: a disk that is full costs the frame in work alone.
TEST_F(CheckpointTest, AFrameThatCannotBeKeptLosesNothing) {
  make_frames(2);
  const fs::path in_the_way = place_.state / "canvas_000002.npy";
  {
    Checkpoint parts(place_, document_, false);
    fs::create_directories(in_the_way / "something");
    parts.canvas() = canvas(99);
    EXPECT_THROW(parts.finish_frame(), FileFailure);
  }
  fs::remove_all(in_the_way);
  Checkpoint parts(place_, document_, false);
  EXPECT_EQ(parts.frames(), 2);
  EXPECT_EQ(parts.canvas()[5], 10.25f);
}

TEST_F(CheckpointTest, AnotherDreamIsRefusedAndALongerVideoIsNot) {
  make_frames(2);
  document_.zoom->frames = 999;
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 2);
  document_.recipe.seed = 7;
  try {
    Checkpoint parts(place_, document_, false);
    FAIL();
  } catch (const BadRecipe& error) {
    EXPECT_NE(std::string(error.what()).find("seed is 0 there and 7 here"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(Checkpoint(place_, document_, true).frames(), 0);
  EXPECT_FALSE(fs::exists(place_.state / "frame_000000.png"));
}

TEST_F(CheckpointTest, AnotherFrameRateIsAnotherDreamOnlyWhereKeyframesHaveTimes) {
  document_.zoom->timeline.keyframes.resize(1);
  make_frames(2);
  document_.zoom->fps = 60;
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 2);
  document_.zoom->timeline.keyframes[0].when = parse_key_time("1s");
  EXPECT_EQ(Checkpoint(place_, document_, true).frames(), 0);
  document_.zoom->fps = 24;
  EXPECT_THROW(Checkpoint(place_, document_, false), BadRecipe);
}

// A video whose sound cannot be written is finished without it; frames do not depend on it
TEST_F(CheckpointTest, AnotherSoundIsNotAnotherDream) {
  document_.zoom.reset();
  document_.video.emplace();
  make_frames(2);
  document_.video->timeline.sound.handling = SoundHandling::none;
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 2);
  document_.sound.sha256 = "of a file";
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 2);
  document_.video->deinterlace = Deinterlacing::no;
  EXPECT_THROW(Checkpoint(place_, document_, false), BadRecipe);
}

TEST_F(CheckpointTest, AnotherSoundIsAnotherDreamWhereItMovesTheFrames) {
  document_.zoom->timeline.beats = {parse_beat_spec("strength=onsets:0..1")};
  document_.sound = {"song.mp3", "of a song"};
  make_frames(2);
  document_.zoom->timeline.sound.file = "elsewhere/song.mp3";
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 2);
  document_.sound.sha256 = "of another";
  EXPECT_THROW(Checkpoint(place_, document_, false), BadRecipe);
}

// Frames that are transparent are so when they are read again
TEST_F(CheckpointTest, KeepsTransparency) {
  Checkpoint parts(place_, document_, false);
  parts.canvas() = canvas(1);
  Tensor alpha({1, parts.canvas().shape().height(), parts.canvas().shape().width()});
  for (std::int64_t i = 0; i < alpha.size(); ++i) alpha[i] = static_cast<float>(i % 256);
  parts.finish_frame(alpha.clone());
  const Image kept = parts.read(0);
  ASSERT_FALSE(kept.alpha.empty());
  for (std::int64_t i = 0; i < alpha.size(); ++i) ASSERT_EQ(kept.alpha[i], alpha[i]);
}

TEST_F(CheckpointTest, SaysInWhichTilesAVideoWasBegun) {
  document_.tiling.plan_memory = 1000;
  make_frames(1);
  const fs::path output = folder_ / "video.mp4";
  document_.tiling.plan_memory = 2000;
  document_.zoom->frames = 999;
  ASSERT_TRUE(checkpoint_tiling(output, document_));
  EXPECT_EQ(checkpoint_tiling(output, document_)->plan_memory, 1000u);
  EXPECT_FALSE(checkpoint_tiling(folder_ / "other.mp4", document_));
  EXPECT_THROW(Checkpoint(place_, document_, false), BadRecipe);
  document_.recipe.seed = 7;
  EXPECT_FALSE(checkpoint_tiling(output, document_));
}

TEST_F(CheckpointTest, OneProcessAtATime) {
  Checkpoint parts(place_, document_, false);
  EXPECT_THROW(Checkpoint(place_, document_, false), FileFailure);
}

TEST_F(CheckpointTest, LeaveNothingOfAVideoAndTheFramesOfAFolder) {
  make_frames(2);
  Checkpoint(place_, document_, false).remove_state();
  EXPECT_TRUE(fs::is_empty(folder_));

  place_ = checkpoint_paths(folder_ / "frames/", true);
  make_frames(2);
  Checkpoint(place_, document_, false).remove_state();
  EXPECT_FALSE(fs::exists(folder_ / "frames.parts"));
  EXPECT_TRUE(fs::exists(folder_ / "frames/frame_000001.png"));
}

TEST_F(CheckpointTest, WhatAKilledRemovalLeftIsSwept) {
  make_frames(3);
  remove_finished_checkpoint(folder_ / "video.mp4", false);
  EXPECT_EQ(Checkpoint(place_, document_, false).frames(), 3);
  fs::rename(place_.state / "film.json", place_.state / "finished.json");
  fs::remove(place_.state / "frame_000001.png");
  remove_finished_checkpoint(folder_ / "video.mp4", false);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(CheckpointTest, WhatIsNotOursStays) {
  make_frames(1);
  std::ofstream(place_.state / "notes.txt") << "mine";
  Checkpoint(place_, document_, false).remove_state();
  EXPECT_TRUE(fs::exists(place_.state / "notes.txt"));
}

}  // namespace
}  // namespace reverie
