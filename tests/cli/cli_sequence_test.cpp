// Numbered pictures as a video's input and output.
#include "reverie/codec/image/image_file.h"
#include "tests/cli/video_fixture.h"

#include <unistd.h>
#include <csignal>

namespace reverie::test {
namespace {

class SequenceTest : public VideoProgramTest {
 protected:
  // The frames of a moving camera as 16-bit pictures with pixels that are not square.
  void make_sequence(int frames) const {
    make_video("camera.mkv", frames);
    fs::create_directory(folder_ / "seq");
    VideoReader reader(folder_ / "camera.mkv");
    ImageOptions options;
    options.bits = 16;
    options.pixel_width = 16;
    options.pixel_height = 15;
    Image frame;
    for (int k = 1; reader.next(frame); ++k)
      write_image(folder_ / "seq" / ("f" + std::to_string(k) + ".png"), frame, options);
  }
};

TEST_F(SequenceTest, BecomesAVideoThatCanBeMadeAgain) {
  make_sequence(11);
  // f10 comes after f9
  Finished finished =
      reverie(short_video("seq", "a.mkv", {"--fps", "12", "--json", "--codec", "ffv1"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["frames"], 11);
  EXPECT_EQ(finished.json()["scenes"], 1);
  EXPECT_NE(finished.err.find("11 pictures at 12 frames a second"), std::string::npos);
  const std::vector<double> times = times_of("a.mkv");
  ASSERT_EQ(times.size(), 11u);
  EXPECT_NEAR(times.back(), 10 / 12.0, 0.001);
  EXPECT_EQ(VideoReader(folder_ / "a.mkv").info().pixel_width, 16);

  EXPECT_EQ(reverie({"recipe", "a.mkv"}).json()["source"]["name"], "seq");
  finished = reverie({"redo", "a.mkv", "-o", "b.mkv"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(read("a.mkv") == read("b.mkv"));
  fs::remove(folder_ / "seq/f3.png");
  expect_refusal({"redo", "a.mkv", "-o", "c.mkv"}, 1, {"seq", "has changed"});
}

TEST_F(SequenceTest, IsWrittenAsPicturesOfAnyName) {
  make_sequence(6);
  ASSERT_EQ(reverie(short_video("seq/f%d.png", "out/d_###.tif", {"--bits", "16"})).status, 0);
  EXPECT_EQ(files_in("out").size(), 6u);
  EXPECT_FALSE(exists("out/d_###.tif.parts"));
  const PictureInfo info = read_image_info(folder_ / "out/d_005.tif");
  EXPECT_EQ(info.pixel_width, 16);
  EXPECT_EQ(info.pixel_height, 15);
  // More than 8 bits: some levels lie between whole ones
  const Image last = read_image(folder_ / "out/d_005.tif");
  int between = 0;
  for (const float v : last.color.elements()) between += std::fabs(v - std::round(v)) > 0.1f;
  EXPECT_GT(between, 100);
  expect_refusal(short_video("seq", "out/d_###.tif"), 1, {"d_###.tif", "already", "--overwrite"});
  EXPECT_EQ(reverie(short_video("seq", "out/d_###.tif", {"--overwrite"})).status, 0);
  // Neighbours of the frames are not touched
  EXPECT_EQ(reverie(short_video("seq", "out/e_%d.png")).status, 0);
  EXPECT_EQ(files_in("out").size(), 12u);
}

TEST_F(SequenceTest, GoesOnAfterAKill) {
  make_sequence(30);
  ASSERT_EQ(reverie(short_video("seq", "whole/%04d.png", {"--bits", "16"})).status, 0);
  ASSERT_EQ(reverie(short_video("seq", "whole.mkv", {"--bits", "10", "--codec", "ffv1"})).status,
            0);
  for (const std::string output : {"cut/%04d.png", "cut.mkv"}) {
    std::vector<std::string> command = short_video("seq", output, {"--bits", "16"});
    if (output == "cut.mkv")
      command = short_video("seq", output, {"--bits", "10", "--codec", "ffv1"});
    const std::vector<std::string> arguments = command;
    command.insert(command.begin(), REVERIE_PROGRAM);
    Running video(command, folder_);
    const std::string third =
        output == "cut.mkv" ? "cut.mkv.parts/frame_000002.png" : "cut/0002.png";
    for (int wait = 0; wait < 12000 && !exists(third); ++wait) ::usleep(5'000);
    video.send(SIGKILL);
    video.finish();
    ASSERT_TRUE(exists(output + ".parts"));
    // Of another depth they would not be the same frames
    if (output == "cut.mkv") {
      const Finished other = reverie(short_video("seq", output, {"--codec", "ffv1"}));
      EXPECT_EQ(other.status, 1);
      EXPECT_NE(other.err.find("16 bits there and 8"), std::string::npos) << other.err;
    }
    const Finished rest = reverie(arguments);
    ASSERT_EQ(rest.status, 0) << rest.err;
    EXPECT_NE(rest.err.find("resuming after"), std::string::npos) << rest.err;
  }
  EXPECT_TRUE(files_in("cut") == files_in("whole"));
  EXPECT_TRUE(read("cut.mkv") == read("whole.mkv"));
}

TEST_F(SequenceTest, WhatDoesNotFitIsRefused) {
  make_sequence(3);
  expect_refusal(short_video("seq", "seq/f%d.png"), 2, {"f1.png", "written over"});
  expect_refusal(short_video("seq", "seq"), 2, {"both input and output"});
  expect_refusal(short_video("camera.mkv", "a.mp4", {"--fps", "3"}), 2, {"its own frame rate"});
  expect_refusal(short_video("seq", "out/%d.jpg", {"--bits", "16"}), 1, {"cannot hold 16 bits"});
  expect_refusal(short_video("none_*.png", "a.mp4"), 1, {"no file has a name like"});
  EXPECT_FALSE(exists("out"));
}

TEST_F(SequenceTest, AZoomIsWrittenAsPicturesAndGrows) {
  make_sequence(1);
  const auto zoom = [](const std::string& frames, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "zoom", "seq/f1.png", "-o",        "z/%03d.png", "--frames", frames,         "--octaves",
        "1",    "--layer",    "3a/concat", "--wander",   "0",        "--iterations", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  ASSERT_EQ(reverie(zoom("3")).status, 0);
  const std::map<std::string, std::string> first = files_in("z");
  EXPECT_EQ(first.count("002.png"), 1u);
  expect_refusal(zoom("5", {"--bits", "16"}), 1, {"bits is 8 there and 16 here"});
  const Finished finished = reverie(zoom("5"));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::map<std::string, std::string> all = files_in("z");
  EXPECT_EQ(all.count("004.png"), 1u);
  EXPECT_EQ(all.at("001.png"), first.at("001.png"));
}

}  // namespace
}  // namespace reverie::test
