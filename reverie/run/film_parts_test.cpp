#include "reverie/run/film_parts.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "reverie/base/error.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class FilmPartsTest : public ::testing::Test {
 protected:
  FilmPartsTest() {
    std::string name = ::testing::TempDir() + "/parts-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    document_.zoom.emplace();
    place_ = parts_place(folder_ / "film.mp4", false);
  }
  ~FilmPartsTest() override { fs::remove_all(folder_); }

  static Tensor canvas(float value) {
    Tensor tensor({3, 4, 6});
    for (float& v : tensor.elements()) v = value;
    return tensor;
  }
  void make_frames(int count) const {
    FilmParts parts(place_, document_, false);
    while (parts.frames() < count) {
      parts.canvas() = canvas(static_cast<float>(10 * parts.frames()) + 0.25f);
      parts.finish_frame();
    }
  }

  fs::path folder_;
  DreamDocument document_;
  PartsPlace place_;
};

TEST_F(FilmPartsTest, GoOnWithTheExactCanvas) {
  make_frames(3);
  FilmParts parts(place_, document_, false);
  EXPECT_EQ(parts.frames(), 3);
  EXPECT_EQ(parts.canvas()[5], 20.25f);
  EXPECT_EQ(parts.read(1).colour[0], 10.f);
}

TEST_F(FilmPartsTest, AKillBetweenFrameAndCanvasCostsOneFrame) {
  make_frames(3);
  // The frame is written and its canvas is not, or the older canvas is still there
  fs::copy_file(place_.state / "frame_000002.png", place_.state / "frame_000003.png");
  EXPECT_EQ(FilmParts(place_, document_, false).frames(), 3);
  fs::copy_file(place_.state / "canvas_000002.npy", place_.state / "canvas_000001.npy");
  EXPECT_EQ(FilmParts(place_, document_, false).frames(), 3);
  fs::remove(place_.state / "frame_000000.png");
  EXPECT_THROW(FilmParts(place_, document_, false), FileFailure);
}

TEST_F(FilmPartsTest, AnotherDreamIsRefusedAndALongerFilmIsNot) {
  make_frames(2);
  document_.zoom->frames = 999;
  EXPECT_EQ(FilmParts(place_, document_, false).frames(), 2);
  document_.recipe.seed = 7;
  try {
    FilmParts parts(place_, document_, false);
    FAIL();
  } catch (const BadRecipe& error) {
    EXPECT_NE(std::string(error.what()).find("seed is 0 there and 7 here"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(FilmParts(place_, document_, true).frames(), 0);
  EXPECT_FALSE(fs::exists(place_.state / "frame_000000.png"));
}

TEST_F(FilmPartsTest, OneProcessAtATime) {
  FilmParts parts(place_, document_, false);
  EXPECT_THROW(FilmParts(place_, document_, false), FileFailure);
}

TEST_F(FilmPartsTest, LeaveNothingOfAFilmAndTheFramesOfAFolder) {
  make_frames(2);
  FilmParts(place_, document_, false).remove_state();
  EXPECT_TRUE(fs::is_empty(folder_));

  place_ = parts_place(folder_ / "frames/", true);
  make_frames(2);
  FilmParts(place_, document_, false).remove_state();
  EXPECT_FALSE(fs::exists(folder_ / "frames.parts"));
  EXPECT_TRUE(fs::exists(folder_ / "frames/frame_000001.png"));
}

TEST_F(FilmPartsTest, WhatAKilledRemovalLeftIsSwept) {
  make_frames(3);
  sweep_finished_parts(folder_ / "film.mp4", false);
  EXPECT_EQ(FilmParts(place_, document_, false).frames(), 3);
  fs::rename(place_.state / "film.json", place_.state / "finished.json");
  fs::remove(place_.state / "frame_000001.png");
  sweep_finished_parts(folder_ / "film.mp4", false);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(FilmPartsTest, WhatIsNotOursStays) {
  make_frames(1);
  std::ofstream(place_.state / "notes.txt") << "mine";
  FilmParts(place_, document_, false).remove_state();
  EXPECT_TRUE(fs::exists(place_.state / "notes.txt"));
}

}  // namespace
}  // namespace reverie
