// Videos that dream: whole, killed and gone on with, interrupted, made again, refused.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "reverie/codec/image/image_file.h"
#include "tests/cli/video_fixture.h"

namespace reverie::test {
namespace {

class VideoTest : public VideoProgramTest {
 protected:
  // What FFmpeg's own tool says about a video; empty where there is none.
  std::string probed(const std::string& video, const std::string& what) const {
    const std::string command = "cd '" + folder_.string() + "' && ffprobe -v error " + what +
                                " -of csv=p=0 '" + video + "' 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::string text;
    for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    return ::pclose(pipe) == 0 ? text : "";
  }
};

TEST_F(VideoTest, KeepsFramesAndTimesAndCanBeMadeAgain) {
  make_video("in.mkv", 14, 8);
  Finished finished = reverie(short_video("in.mkv", "a.mkv", {"--json", "--report"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["frames"], 14);
  EXPECT_EQ(finished.json()["scenes"], 2);
  EXPECT_EQ(finished.json()["skipped_packets"], 0);
  EXPECT_GT(finished.json()["flicker"], 0);
  EXPECT_NE(finished.err.find("flicker: "), std::string::npos) << finished.err;
  EXPECT_FALSE(exists("a.mkv.parts"));
  EXPECT_EQ(times_of("a.mkv"), times_of("in.mkv"));

  const auto document = reverie({"recipe", "a.mkv"}).json();
  EXPECT_EQ(document["video"]["carried_iterations"], 1);
  EXPECT_EQ(document["source"]["name"], "in.mkv");
  finished = reverie({"redo", "a.mkv", "-o", "again.mkv"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(read("again.mkv").size() == read("a.mkv").size());
  finished =
      reverie({"redo", "a.mkv", "-o", "other.gif", "--end", "0.2", "--temporal-blend", "0.5"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(times_of("other.gif").size(), 5u);
  expect_refusal({"redo", "a.mkv", "-o", "b.mkv", "--zoom", "3"}, 2, {"zoom"});
}

TEST_F(VideoTest, FFmpegSeesTheSameVideo) {
  make_video("in.mkv", 12);
  if (probed("in.mkv", "-show_entries format=nb_streams").empty())
    GTEST_SKIP() << "SKIPPED: there is no ffprobe here (package ffmpeg)";
  ASSERT_EQ(reverie(short_video("in.mkv", "a.mkv")).status, 0);
  // Sound to the byte, at its times; as many pictures, as long
  const std::string sound =
      "-select_streams a -show_entries packet=pts_time,data_hash "
      "-show_data_hash md5";
  EXPECT_FALSE(probed("in.mkv", sound).empty());
  EXPECT_EQ(probed("a.mkv", sound), probed("in.mkv", sound));
  for (const char* what : {"-show_entries format=nb_streams",
                           "-select_streams v -count_frames -show_entries stream=nb_read_frames",
                           "-select_streams v -show_entries stream=r_frame_rate,width,height",
                           "-select_streams v -show_entries frame=pts_time"})
    EXPECT_EQ(probed("a.mkv", what), probed("in.mkv", what)) << what;
  EXPECT_NEAR(std::stod(probed("a.mkv", "-show_entries format=duration")),
              std::stod(probed("in.mkv", "-show_entries format=duration")), 0.04);
}

TEST_F(VideoTest, PartsOfAVideo) {
  make_video("in.mkv", 14);
  Finished finished =
      reverie(short_video("in.mkv", "a.mkv", {"--start", "0.1", "--end", "0.5", "--every", "3"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::vector<double> all = times_of("in.mkv"), part = times_of("a.mkv");
  // Frames from 0.12 s to 0.48 s
  ASSERT_EQ(part.size(), 8u);
  for (std::size_t i = 0; i < part.size(); ++i) EXPECT_NEAR(part[i], all[i + 3] - all[3], 0.0015);
  expect_refusal(short_video("in.mkv", "b.mkv", {"--start", "90"}), 1,
                 {"in.mkv", "no readable frame"});
}

TEST_F(VideoTest, KilledAtAnyMomentTheFramesAreTheSame) {
  make_video("in.mkv", 40, 20);
  const std::vector<std::string> wander{"--wander", "4", "--fade", "2", "--layer", "conv2"};
  ASSERT_EQ(reverie(short_video("in.mkv", "whole/", wander)).status, 0);
  ASSERT_EQ(reverie(short_video("in.mkv", "whole.mp4", wander)).status, 0);
  std::vector<std::string> command = short_video("in.mkv", "cut/", wander);
  command.insert(command.begin(), REVERIE_PROGRAM);
  int killed = 0;
  bool finished_itself = false;
  for (; killed < 20 && !finished_itself; ++killed) {
    // A video and a folder take turns
    command[4] = killed % 2 == 0 ? "cut/" : "cut.mp4";
    Running video(command, folder_);
    ::usleep(static_cast<useconds_t>(200'000 + killed * 137'003 % 500'000));
    video.send(SIGKILL);
    finished_itself = video.finish().status == 0;
  }
  EXPECT_GE(killed, 2);
  for (const std::string output : {"cut/", "cut.mp4"}) {
    command[4] = output;
    const Finished rest = reverie({command.begin() + 1, command.end()});
    // One of them may have come to its end
    EXPECT_TRUE(rest.status == 0 || rest.err.find("--overwrite") != std::string::npos) << rest.err;
  }
  EXPECT_TRUE(files_in("cut") == files_in("whole"));
  EXPECT_TRUE(read("cut.mp4") == read("whole.mp4"));
  EXPECT_FALSE(exists("cut.parts"));
  EXPECT_FALSE(exists("cut.mp4.parts"));
}

TEST_F(VideoTest, InterruptedLeavesAVideoAndGoesOn) {
  make_video("in.mkv", 400);
  std::vector<std::string> command = short_video("in.mkv", "a.mkv");
  command.insert(command.begin(), REVERIE_PROGRAM);
  Running video(command, folder_);
  ASSERT_TRUE(video.wait_for_error_text("frame 1/"));
  ::usleep(300'000);
  video.send(SIGINT);
  const Finished finished = video.finish();
  EXPECT_EQ(finished.status, 130) << finished.err;
  EXPECT_NE(finished.err.find("run the same command again"), std::string::npos) << finished.err;
  const std::size_t frames = times_of("a.mkv").size();
  EXPECT_GE(frames, 1u);
  EXPECT_LT(frames, 400u);

  // Another recipe says so; the same with a nearer end finishes
  expect_refusal(short_video("in.mkv", "a.mkv", {"--seed", "7"}), 1,
                 {"a.mkv.parts", "seed is 0 there and 7 here", "--overwrite"});
  const double end = 0.048 * static_cast<double>(frames) + 0.3;
  const Finished rest =
      reverie(short_video("in.mkv", "a.mkv", {"--json", "--end", std::to_string(end)}));
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(rest.json()["resumed"], frames);
  EXPECT_GT(times_of("a.mkv").size(), frames);
  EXPECT_FALSE(exists("a.mkv.parts"));
}

// What recorders and cameras write, into the default form
TEST_F(VideoTest, SoundGoesIntoTheDefaultForm) {
  make_video("in.mkv", 6);
  const Finished finished = reverie(short_video("in.mkv", "a.mp4"));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.err.find(".mp4: sound is converted, pcm_s16le to aac"), std::string::npos)
      << finished.err;
  const Finished silent = reverie(short_video("in.mkv", "b.mp4", {"--sound", "none"}));
  ASSERT_EQ(silent.status, 0) << silent.err;
  EXPECT_EQ(silent.err.find("sound"), std::string::npos) << silent.err;
  EXPECT_GT(read("a.mp4").size(), read("b.mp4").size() + 1000);
  EXPECT_EQ(times_of("a.mp4"), times_of("b.mp4"));
  EXPECT_EQ(reverie({"recipe", "b.mp4"}).json()["video"]["sound"], "none");
  expect_refusal(short_video("in.mkv", "c.mp4", {"--sound", "loud"}), 1, {"loud"});
  expect_refusal(short_video("in.mkv", "c.mp4", {"--deinterlace", "x"}), 2, {"--deinterlace"});
  expect_refusal(short_video("in.mkv", "c.mp4", {"--background", "#12"}), 2,
                 {"background", "#RRGGBB"});
}

TEST_F(VideoTest, TransparencyGoesWhereItCanBeKept) {
  VideoOptions options;
  options.alpha = true;
  options.fps = 10;
  VideoWriter writer(folder_ / "in.gif", 64, 48, options);
  for (int k = 0; k < 4; ++k) {
    Image frame = cloudscape(64, 48, 5);
    frame.alpha = Tensor({1, 48, 64});
    for (std::int64_t i = 0; i < frame.alpha.size(); ++i) frame.alpha[i] = i % 64 < 32 ? 0 : 255;
    writer.add(frame);
  }
  writer.finish();
  const auto alpha_at_left = [this](const std::string& name) {
    VideoReader reader(folder_ / name, {}, {Deinterlacing::no, true, {}});
    Image frame;
    while (reader.next(frame)) {
    }
    return frame.alpha.empty() ? 255.f : frame.alpha.view().at(0, 20, 10);
  };
  for (const std::string name : {"a.webm", "b.gif", "c.mov"}) {
    const Finished finished = reverie(short_video("in.gif", name));
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_LT(alpha_at_left(name), 2) << name;
    EXPECT_EQ(finished.err.find("--background"), std::string::npos) << finished.err;
  }
  ASSERT_EQ(reverie(short_video("in.gif", "frames/")).status, 0);
  EXPECT_EQ(read_image(folder_ / "frames/frame_000003.png").alpha.view().at(0, 20, 10), 0);
  const Finished flat = reverie(short_video("in.gif", "d.mp4", {"--background", "#ff8000"}));
  ASSERT_EQ(flat.status, 0) << flat.err;
  EXPECT_NE(flat.err.find("--background"), std::string::npos) << flat.err;
  EXPECT_EQ(alpha_at_left("d.mp4"), 255);
}

TEST_F(VideoTest, DamagedPacketsAreToldAbout) {
  make_video("in.avi", 20);
  std::string bytes = read("in.avi");
  std::size_t at = bytes.find("movi");
  for (int packet = 0; packet < 10; ++packet) at = bytes.find("00dc", at + 4);
  bytes.replace(at + 8, 8, std::string(8, '\xff'));
  write("in.avi", bytes);
  const Finished finished = reverie(short_video("in.avi", "a.mp4", {"--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["skipped_packets"], 1);
  EXPECT_EQ(finished.json()["frames"], times_of("in.avi").size());
  EXPECT_NE(finished.err.find("1 damaged packet"), std::string::npos) << finished.err;
}

TEST_F(VideoTest, AFullDiskIsOneLineAndLosesNothing) {
  make_video("in.mkv", 20);
  const std::vector<std::string> arguments = short_video("in.mkv", "a.mp4", {"--quiet"});
  // Files of 32 KB at most: pictures of 96x64 fit, their canvas of 72 KB does not
  const Finished full = reverie_by("ulimit -f 32; exec \"$@\"", arguments);
  EXPECT_EQ(full.status, 1);
  EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
  EXPECT_FALSE(exists("a.mp4"));
  const Finished rest = reverie(arguments);
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(times_of("a.mp4").size(), 20u);
}

// A file system of so many KB in a folder, as long as this lives.
class SmallDisk {
 public:
  SmallDisk(fs::path folder, int size_kb) : folder_(std::move(folder)) {
    fs::create_directory(folder_);
    const std::string size = "size=" + std::to_string(size_kb) + "k";
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.c_str());
  }
  bool mounted() const { return mounted_; }
  void grow(int size_kb) const {
    const std::string size = "size=" + std::to_string(size_kb) + "k";
    ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()), 0);
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

TEST_F(VideoTest, ADiskThatIsFullForATimeLosesNothing) {
  make_video("in.mkv", 20);
  ASSERT_EQ(reverie(short_video("in.mkv", "whole.mp4", {"--quiet"})).status, 0);
  const SmallDisk disk(folder_ / "small", 400);
  if (!disk.mounted()) GTEST_SKIP() << "a small file system needs the right to mount one";
  const std::vector<std::string> arguments = short_video("in.mkv", "small/whole.mp4", {"--quiet"});
  const Finished full = reverie(arguments);
  EXPECT_EQ(full.status, 1);
  EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
  EXPECT_NE(full.err.find("small/whole.mp4"), std::string::npos) << full.err;
  EXPECT_NE(full.err.find("run the same command again"), std::string::npos) << full.err;
  EXPECT_FALSE(exists("small/whole.mp4"));
  disk.grow(20000);
  const Finished rest = reverie(arguments);
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(times_of("small/whole.mp4"), times_of("whole.mp4"));
  EXPECT_EQ(files_in("small").size(), 1u);
}

TEST_F(VideoTest, RefusesInOneLine) {
  make_video("in.mkv", 3);
  expect_refusal(short_video("none.mkv", "a.mp4"), 1, {"none.mkv"});
  write("text.mp4", "this is not a video, whatever its name says");
  expect_refusal(short_video("text.mp4", "a.mp4"), 1, {"text.mp4", "not a video"});
  expect_refusal(short_video("tone.wav", "a.mp4"), 1, {"tone.wav", "no pictures"});
  fs::create_directory(folder_ / "folder");
  expect_refusal(short_video("folder", "a.mp4"), 1, {"folder"});
  expect_refusal(short_video("-", "a.mp4"), 2, {"file"});
  expect_refusal(short_video("in.mkv", "in.mkv"), 2, {"in.mkv"});
  expect_refusal(short_video("in.mkv", "a.mp3"), 1, {"a.mp3", ".mp4"});
  expect_refusal(short_video("in.mkv", "none/a.mp4"), 1, {"none"});
  expect_refusal(short_video("in.mkv", "a.webm", {"--codec", "h264"}), 1, {"a.webm", "H.264"});
  expect_refusal(short_video("in.mkv", "a.mp4", {"--codec", "h266"}), 2, {"--codec"});
  expect_refusal(short_video("in.mkv", "a.mp4", {"--temporal-blend", "2"}), 2,
                 {"--temporal-blend", "0 to 1"});
  expect_refusal(short_video("in.mkv", "a.mp4", {"--start", "3", "--end", "2"}), 2,
                 {"end", "start"});
  expect_refusal(short_video("in.mkv", "a.mp4", {"--flow", "x"}), 2, {"--flow", "medium"});
  write("line.json", R"([{"frame": 1, "zoom": "1.1x"}])");
  expect_refusal(short_video("in.mkv", "a.mp4", {"--timeline", "line.json"}), 2,
                 {"a video", "zoom"});
  write("a.mp4", "somebody's video");
  expect_refusal(short_video("in.mkv", "a.mp4"), 1, {"a.mp4", "--overwrite"});
}

}  // namespace
}  // namespace reverie::test
