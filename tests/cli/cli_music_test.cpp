// Zooms and videos that a sound moves, and that have a sound of their own.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "reverie/codec/video/sound_read.h"
#include "reverie/video/sound/sound_analysis.h"
#include "tests/cli/video_fixture.h"

namespace reverie::test {
namespace {

class MusicTest : public VideoProgramTest {
 protected:
  void SetUp() override {
    VideoProgramTest::SetUp();
    make_scene("sky.png", "96x64");
    make_clicks("clicks.wav", 1.2, {0.3, 0.8});
  }

  // A click track of 16 bits and 8000 samples a second.
  void make_clicks(const std::string& name, double seconds,
                   const std::vector<double>& times) const {
    make_sound(name, seconds);
    std::string wav = read(name);
    std::fill(wav.begin() + 44, wav.end(), '\0');
    for (const double time : times)
      for (int i = 0; i < 400; ++i) {
        const auto value = static_cast<std::int16_t>(
            28000 * std::exp(-i / 80.0) * std::sin(2 * std::numbers::pi * 1000 * i / 8000.0));
        const std::size_t at = 44 + 2 * (static_cast<std::size_t>(time * 8000) + i);
        wav[at] = static_cast<char>(value & 255);
        wav[at + 1] = static_cast<char>(value >> 8);
      }
    write(name, wav);
  }

  static std::vector<std::string> zoom(const std::string& output,
                                       const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"zoom", "sky.png", "-o", output,    "--octaves",
                                       "1",    "--fps",   "20", "--layer", "3a/concat"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  void expect_clicks(const std::string& video, const std::vector<double>& times) const {
    const SoundAnalysis sound(folder_ / video);
    ASSERT_EQ(sound.onsets().size(), times.size()) << video;
    for (std::size_t i = 0; i < times.size(); ++i)
      EXPECT_NEAR(sound.onsets()[i].seconds, times[i], 0.02) << video;
  }
};

const std::vector<std::string> moved{"--sound", "clicks.wav", "--beat",
                                     "strength=onsets:0..4@decay=0.05"};

TEST_F(MusicTest, AZoomHasTheLengthAndTheSoundOfAFile) {
  for (const char* name : {"a.mp4", "a.mkv", "a.webm", "a.mov", "a.avi"}) {
    const Finished finished = reverie(zoom(name, {"--sound", "clicks.wav", "--json"}));
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.json()["frames"], 24);
    expect_clicks(name, {0.3, 0.8});
  }
  // Cut with the pictures, and said
  const Finished cut = reverie(zoom("short.mp4", {"--sound", "clicks.wav", "--frames", "10"}));
  ASSERT_EQ(cut.status, 0) << cut.err;
  EXPECT_NE(cut.err.find("'clicks.wav' lasts 1.2 s, the video 0.5 s, so the sound is cut; --frames "
                         "24 holds all of it"),
            std::string::npos)
      << cut.err;
  expect_clicks("short.mp4", {0.3});
  EXPECT_LT(SoundAnalysis(folder_ / "short.mp4").seconds(), 0.65);
  const Finished longer = reverie(zoom("long.mp4", {"--sound", "clicks.wav", "--frames", "40"}));
  EXPECT_NE(longer.err.find("whose end is silent"), std::string::npos) << longer.err;
  // What can hold none
  EXPECT_NE(reverie(zoom("a.gif", {"--sound", "clicks.wav"})).err.find("sound"), std::string::npos);
  EXPECT_NE(reverie(zoom("a/", {"--sound", "clicks.wav"})).err.find("a folder of frames has no"),
            std::string::npos);
}

// Frames differ from those of a zoom that stands still exactly from the first click on.
TEST_F(MusicTest, TheBeatMovesTheStrength) {
  ASSERT_EQ(reverie(zoom("beat/", moved)).status, 0);
  ASSERT_EQ(reverie(zoom("still/", {"--strength", "0", "--frames", "24"})).status, 0);
  auto beat = files_in("beat"), still = files_in("still");
  ASSERT_EQ(beat.size(), 24u);
  const auto pixels = [&](const std::string& folder, int frame) {
    VideoReader reader(folder_ / folder / fmt::format("frame_{:06}.png", frame));
    Image picture;
    EXPECT_TRUE(reader.next(picture));
    return picture;
  };
  const auto distance = [&](int frame) {
    const Image a = pixels("beat", frame), b = pixels("still", frame);
    double sum = 0;
    for (std::int64_t i = 0; i < a.color.size(); ++i) sum += std::abs(a.color[i] - b.color[i]);
    return sum / static_cast<double>(a.color.size());
  };
  for (const int frame : {1, 4, 5}) EXPECT_EQ(distance(frame), 0) << frame;
  EXPECT_GT(distance(6), 1);  // 0.3 s
}

TEST_F(MusicTest, IsMadeAgainWithItsSoundWhereverThatLies) {
  ASSERT_EQ(reverie(zoom("a.mkv", moved)).status, 0);
  const auto document = reverie({"recipe", "a.mkv"}).json();
  EXPECT_EQ(document["sound"]["name"], "clicks.wav");
  EXPECT_EQ(document["zoom"]["frames"], 24);
  EXPECT_EQ(document["zoom"]["beat"][0], "strength=onsets:0..4@decay=0.05");
  fs::create_directory(folder_ / "moved");
  for (const char* name : {"a.mkv", "sky.png", "clicks.wav"})
    fs::rename(folder_ / name, folder_ / "moved" / name);
  Finished finished = reverie({"redo", "moved/a.mkv", "-o", "moved/again.mkv"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(read("moved/again.mkv") == read("moved/a.mkv"));
  // By its bytes, under another name
  fs::rename(folder_ / "moved/clicks.wav", folder_ / "moved/song.wav");
  finished = reverie({"redo", "moved/a.mkv", "-o", "b.mp4"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  // Changed, or gone
  make_clicks("moved/clicks.wav", 1.2, {0.5});
  expect_refusal({"redo", "moved/a.mkv", "-o", "c.mp4"}, 1, {"sound", "clicks.wav", "changed"});
  fs::remove(folder_ / "moved/clicks.wav");
  fs::remove(folder_ / "moved/song.wav");
  expect_refusal({"redo", "moved/a.mkv", "-o", "c.mp4"}, 1, {"clicks.wav", "--sound"});
}

TEST_F(MusicTest, GoesOnAfterAnInterruptionWithTheSameFrames) {
  make_clicks("clicks.wav", 60, {0.3, 0.8, 1.1, 2.5, 4.5});
  std::vector<std::string> command = zoom("a/", moved);
  command.insert(command.begin(), REVERIE_PROGRAM);
  Running running(command, folder_);
  ASSERT_TRUE(running.wait_for_error_text("frame 1/1200"));
  ::usleep(300'000);
  running.send(SIGINT);
  EXPECT_EQ(running.finish().status, 130);
  const std::size_t done = files_in("a").size();
  const std::string frames = std::to_string(done + 5);
  std::vector<std::string> shorter = moved;
  shorter.insert(shorter.end(), {"--frames", frames});
  const Finished rest = reverie(zoom("a/", shorter));
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_NE(rest.err.find("resuming"), std::string::npos) << rest.err;
  ASSERT_EQ(reverie(zoom("whole/", shorter)).status, 0);
  const auto resumed = files_in("a"), whole = files_in("whole");
  ASSERT_EQ(resumed.size(), done + 5);
  for (std::size_t i = 0; i < resumed.size(); ++i) {
    const std::string name = fmt::format("frame_{:06}.png", i);
    VideoReader a(folder_ / "a" / name), b(folder_ / "whole" / name);
    Image x, y;
    ASSERT_TRUE(a.next(x) && b.next(y));
    for (std::int64_t p = 0; p < x.color.size(); ++p) ASSERT_EQ(x.color[p], y.color[p]) << name;
  }
}

TEST_F(MusicTest, AVideoIsMovedByItsOwnSoundOrByAFile) {
  make_video("in.mkv", 20);
  Finished finished =
      reverie(short_video("in.mkv", "own.mkv", {"--beat", "strength=mid:0..2", "--tempo", "90"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  ASSERT_EQ(reverie(short_video("in.mkv", "plain.mkv")).status, 0);
  EXPECT_NE(read("own.mkv"), read("plain.mkv"));

  finished = reverie(short_video("in.mkv", "other.mkv", moved));
  ASSERT_EQ(finished.status, 0) << finished.err;
  expect_clicks("other.mkv", {0.3, 0.8});
  EXPECT_LT(SoundAnalysis(folder_ / "other.mkv").seconds(), 1.1);
  // It has none
  make_video("mute.mp4", 5);
  expect_refusal(short_video("mute.mp4", "b.mp4", {"--beat", "strength=mid:0..2"}), 1,
                 {"mute.mp4", "has no sound"});
  EXPECT_FALSE(exists("b.mp4.parts"));
}

TEST_F(MusicTest, RefusesInOneLine) {
  write("notes.mp3", "not a sound");
  expect_refusal(zoom("b.mp4", {"--sound", "notes.mp3"}), 1, {"notes.mp3", "no sound"});
  expect_refusal(zoom("b.mp4", {"--sound", "none.mp3"}), 1, {"none.mp3"});
  write("cut.wav", read("clicks.wav").substr(0, 30));
  expect_refusal(zoom("b.mp4", {"--sound", "cut.wav", "--beat", "step=bass:1..2"}), 1, {"cut.wav"});
  expect_refusal(zoom("b.mp4", {"--beat", "strength=onsets:0..4"}), 2, {"--sound"});
  expect_refusal(zoom("b.mp4", {"--sound", "copy"}), 2, {"copy", "a file"});
  expect_refusal(zoom("b.mp4", {"--sound", "clicks.wav", "--beat", "strength=drums:0..1"}), 2,
                 {"--beat", "drums"});
  write("line.json", R"([{"time": "2 beats", "strength": 2}])");
  make_sound("tone.wav", 2);
  expect_refusal(zoom("b.mp4", {"--sound", "tone.wav", "--timeline", "line.json"}), 1,
                 {"2 beats", "--tempo"});
  EXPECT_FALSE(exists("b.mp4.parts"));
}

}  // namespace
}  // namespace reverie::test
