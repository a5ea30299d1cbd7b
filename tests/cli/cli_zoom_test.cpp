// Videos that grow out of one picture: whole, killed and gone on with, interrupted, made again.
#include <unistd.h>

#include <cmath>
#include <csignal>

#include "reverie/codec/video/video_read.h"
#include "tests/cli/zoom_fixture.h"

namespace reverie::test {
namespace {

class ZoomTest : public ZoomFixture {
 protected:
  int frames_in(const std::string& video) const {
    VideoReader reader(folder_ / video);
    Image frame;
    int count = 0;
    while (reader.next(frame)) ++count;
    return count;
  }
};

TEST_F(ZoomTest, MakesAVideoThatCanBeMadeAgain) {
  Finished finished = reverie(short_zoom("a.mp4", 6, {"--fps", "12", "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["frames"], 6);
  EXPECT_EQ(finished.json()["width"], 96);
  EXPECT_FALSE(exists("a.mp4.parts"));
  EXPECT_EQ(frames_in("a.mp4"), 6);
  EXPECT_NEAR(VideoReader(folder_ / "a.mp4").fps(), 12, 1e-6);

  const auto document = reverie({"recipe", "a.mp4"}).json();
  EXPECT_EQ(document["zoom"]["frames"], 6);
  EXPECT_EQ(document["recipe"]["octaves"], 1);
  EXPECT_EQ(document["source"]["name"], "sky.png");

  finished = reverie({"redo", "a.mp4", "-o", "again.mp4"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(read("again.mp4"), read("a.mp4"));
  finished = reverie({"redo", "a.mp4", "-o", "other.gif", "--frames", "3", "--zoom", "4"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(frames_in("other.gif"), 3);
  EXPECT_EQ(reverie({"recipe", "other.gif"}).json()["zoom"]["zoom"], "4");
}

TEST_F(ZoomTest, KilledAtAnyMomentTheFramesAreTheSame) {
  const std::vector<std::string> wander{"--wander", "4", "--fade", "2", "--layer", "conv2"};
  ASSERT_EQ(reverie(short_zoom("whole/", 40, wander)).status, 0);
  std::vector<std::string> command = short_zoom("cut/", 40, wander);
  command.insert(command.begin(), REVERIE_PROGRAM);
  int killed = 0;
  bool finished_itself = false;
  for (; killed < 20 && !finished_itself; ++killed) {
    Running zoom(command, folder_);
    // Moments that fall anywhere in the program's work
    ::usleep(static_cast<useconds_t>(150'000 + killed * 137'003 % 500'000));
    zoom.send(SIGKILL);
    finished_itself = zoom.finish().status == 0;
  }
  EXPECT_GE(killed, 2);
  if (!finished_itself) {
    const Finished rest = reverie({command.begin() + 1, command.end()});
    ASSERT_EQ(rest.status, 0) << rest.err;
  }
  EXPECT_TRUE(files_in("cut") == files_in("whole"));
  EXPECT_FALSE(exists("cut.parts"));
}

TEST_F(ZoomTest, InterruptedLeavesAVideoAndGoesOn) {
  std::vector<std::string> command = short_zoom("a.mp4", 5000);
  command.insert(command.begin(), REVERIE_PROGRAM);
  Running zoom(command, folder_);
  ASSERT_TRUE(zoom.wait_for_error_text("frame 1/"));
  ::usleep(300'000);
  zoom.send(SIGINT);
  const Finished finished = zoom.finish();
  EXPECT_EQ(finished.status, 130) << finished.err;
  EXPECT_NE(finished.err.find("run the same command again"), std::string::npos) << finished.err;
  const int frames = frames_in("a.mp4");
  EXPECT_GE(frames, 1);

  // Another recipe says so; the same with a nearer end finishes
  expect_refusal(short_zoom("a.mp4", 5000, {"--seed", "7"}), 1,
                 {"a.mp4.parts", "seed is 0 there and 7 here", "--overwrite"});
  const Finished rest = reverie(short_zoom("a.mp4", frames + 2, {"--json"}));
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_GE(rest.json()["resumed"], frames);
  EXPECT_EQ(frames_in("a.mp4"), frames + 2);
  EXPECT_FALSE(exists("a.mp4.parts"));
}

TEST_F(ZoomTest, ALoopThatDissolvesEndsWhereItBegins) {
  ASSERT_EQ(reverie(short_zoom("straight/", 12)).status, 0);
  ASSERT_EQ(reverie(short_zoom("loop/", 8, {"--loop", "4", "--loop-style", "dissolve"})).status, 0);
  EXPECT_EQ(files_in("loop").size(), 8u);
  VideoReader first(folder_ / "loop/frame_000000.png"),
      ninth(folder_ / "straight/frame_000008.png");
  Image a, b;
  ASSERT_TRUE(first.next(a) && ninth.next(b));
  for (std::int64_t i = 0; i < a.color.size(); ++i) ASSERT_EQ(a.color[i], b.color[i]);
}

// The frame after the last is the first: a step from one to the other is as small as any other.
TEST_F(ZoomTest, ALoopDreamsItsEndIntoItsBeginning) {
  ASSERT_EQ(reverie(short_zoom("straight/", 30)).status, 0);
  ASSERT_EQ(reverie(short_zoom("loop/", 30, {"--loop", "12"})).status, 0);
  EXPECT_EQ(files_in("loop").size(), 30u);
  const auto frame = [&](const std::string& path) {
    VideoReader reader(folder_ / path);
    Image image;
    EXPECT_TRUE(reader.next(image)) << path;
    return image;
  };
  const auto difference = [](const Image& a, const Image& b) {
    double sum = 0;
    for (std::int64_t i = 0; i < a.color.size(); ++i) sum += std::fabs(a.color[i] - b.color[i]);
    return sum / static_cast<double>(a.color.size());
  };
  for (const char* same : {"frame_000000.png", "frame_000017.png"})
    EXPECT_EQ(
        difference(frame(std::string("loop/") + same), frame(std::string("straight/") + same)), 0);
  const Image first = frame("loop/frame_000000.png");
  const double step = difference(first, frame("loop/frame_000001.png"));
  EXPECT_LT(difference(frame("loop/frame_000029.png"), first), 1.2 * step);
  EXPECT_GT(difference(frame("straight/frame_000029.png"), first), 3 * step);
}

TEST_F(ZoomTest, FollowsATimelineAndShowsAPreview) {
  write("line.json",
        R"([{"frame": 1, "zoom": "1.01x", "layer": "3a/concat"},
            {"frame": 4, "zoom": "1.1x", "rotate": 3, "layer": ["conv2", "3b/output"], "easing": "step"}])");
  const Finished finished =
      reverie(short_zoom("a.mkv", 6, {"--timeline", "line.json", "--preview", "now.png"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(frames_in("a.mkv"), 6);
  EXPECT_TRUE(exists("now.png"));
  const auto timeline = reverie({"recipe", "a.mkv"}).json()["zoom"]["timeline"];
  ASSERT_EQ(timeline.size(), 2u);
  EXPECT_EQ(timeline[1]["layer"][1], "3b/output");
}

TEST_F(ZoomTest, AGuideInATimelineIsPartOfTheVideo) {
  ASSERT_EQ(reverie({"scene", "-o", "other.png", "--size", "48x48", "--seed", "8"}).status, 0);
  write("line.json",
        R"([{"frame": 1, "guide": "sky.png"}, {"frame": 3, "guide": ["other.png=0.5"]}])");
  const std::vector<std::string> more{"--timeline", "line.json", "--layer", "3a/concat"};
  Finished finished = reverie(short_zoom("guided/", 5, more));
  ASSERT_EQ(finished.status, 0) << finished.err;
  ASSERT_EQ(reverie(short_zoom("plain/", 5, {"--layer", "3a/concat"})).status, 0);
  EXPECT_NE(files_in("guided")["frame_000004.png"], files_in("plain")["frame_000004.png"]);

  // Made again elsewhere than the guides were: they are found beside the video
  ASSERT_EQ(reverie(short_zoom("a.mp4", 3, more)).status, 0);
  fs::create_directory(folder_ / "moved");
  for (const char* name : {"a.mp4", "sky.png", "other.png"})
    fs::rename(folder_ / name, folder_ / "moved" / name);
  finished = reverie({"redo", "moved/a.mp4", "-o", "moved/again.mp4"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(read("moved/again.mp4") == read("moved/a.mp4"));

  // Changed, or gone
  fs::copy_file(folder_ / "moved/sky.png", folder_ / "moved/other.png",
                fs::copy_options::overwrite_existing);
  expect_refusal({"redo", "moved/a.mp4", "-o", "b.mp4"}, 1, {"guide", "other.png", "changed"});
  fs::copy_file(folder_ / "moved/sky.png", folder_ / "sky.png");
  expect_refusal(short_zoom("b.mp4", 3, more), 1, {"other.png"});
}

TEST_F(ZoomTest, FaithfulIsLaidOutAsTheOriginal) {
  const std::vector<std::string> command{
      "zoom", "sky.png",  "-p",        "recursive", "--faithful", "--name",
      "Trip", "--frames", "3",         "--zoom",    "2",          "--iterations",
      "2",    "--layer",  "3a/concat", "--tile",    "64"};
  Finished finished = reverie(command);
  ASSERT_EQ(finished.status, 0) << finished.err;
  for (const char* name : {"img_0.jpg", "img_1.jpg", "img_2.jpg", "img_3.jpg"})
    EXPECT_TRUE(exists(std::string("dream/Trip/") + name)) << name;
  EXPECT_EQ(frames_in("Trip.avi"), 4);

  // What is there is skipped, what is missing is made from the one before it
  const std::string third = read("dream/Trip/img_3.jpg");
  fs::remove(folder_ / "dream/Trip/img_3.jpg");
  fs::remove(folder_ / "Trip.avi");
  finished = reverie(command);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(read("dream/Trip/img_3.jpg"), third);
  EXPECT_NE(finished.err.find("4 frames (1 new)"), std::string::npos) << finished.err;
}

TEST_F(ZoomTest, ReducesPhotographsOfManyMegapixels) {
  std::string large = "P5\n3000 2010\n255\n";
  for (int i = 0; i < 3000 * 2010; ++i) large += static_cast<char>(i / 3000 % 200 + i % 50);
  write("large.pgm", large);
  std::vector<std::string> command = short_zoom("a.mp4", 1, {"--json"});
  command[1] = "large.pgm";
  const Finished finished = reverie(command);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["width"], 1920);
  EXPECT_NE(finished.err.find("3000x2010 is reduced to 1920x1286; --size full"), std::string::npos)
      << finished.err;
  EXPECT_EQ(reverie({"recipe", "a.mp4"}).json()["recipe"]["size"], "1920");
}

TEST_F(ZoomTest, RefusesInOneLine) {
  expect_refusal(short_zoom("a.mp3", 3), 1, {"a.mp3", ".mp4", ".gif"});
  expect_refusal(short_zoom("none/a.mp4", 3), 1, {"none"});
  expect_refusal(short_zoom("a.mp4", -1), 2, {"--frames", "0"});
  expect_refusal(short_zoom("a.mp4", 3, {"--zoom", "fast"}), 2, {"--zoom", "fast", "1.02x"});
  expect_refusal(short_zoom("a.mp4", 3, {"--zoom", "40"}), 1, {"zoom", "40", "96 px"});
  expect_refusal(short_zoom("a.mp4", 3, {"--loop", "3"}), 2, {"loop", "3"});
  expect_refusal(short_zoom("a.mp4", 3, {"--name", "x"}), 2, {"--name", "--faithful"});
  expect_refusal(short_zoom("a.mp4", 3, {"--timeline", "none.json"}), 1, {"none.json"});
  write("bad.json", R"([{"frame": 1, "zom": 3}])");
  expect_refusal(short_zoom("a.mp4", 3, {"--timeline", "bad.json"}), 2, {"keyframe 1", "zom"});
  expect_refusal({"zoom", "none.png", "-o", "a.mp4"}, 1, {"none.png"});
  write("text.png", "no picture");
  expect_refusal({"zoom", "text.png", "-o", "a.mp4"}, 1, {"text.png"});
  write("a.mp4", "somebody's video");
  expect_refusal(short_zoom("a.mp4", 3), 1, {"a.mp4", "--overwrite"});
  expect_refusal({"recipe", "a.mp4"}, 1, {"a.mp4", "not a video"});
  fs::create_directory(folder_ / "frames");
  write("frames/frame_000000.png", "a frame");
  expect_refusal(short_zoom("frames/", 3), 1, {"frames", "--overwrite"});
  expect_refusal({"zoom", "sky.png", "-p", "recursive", "--faithful", "--rotate", "2"}, 2,
                 {"--frames, --fps and --zoom"});
}

}  // namespace
}  // namespace reverie::test
