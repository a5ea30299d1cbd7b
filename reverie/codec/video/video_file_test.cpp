// Videos that are written and read back.
extern "C" {
#include <libavutil/cpu.h>
}

#include <array>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"

namespace reverie {
namespace {

static_assert(std::is_nothrow_move_constructible_v<VideoReader>);
static_assert(std::is_nothrow_move_assignable_v<VideoReader>);
static_assert(std::is_nothrow_move_constructible_v<VideoWriter>);
static_assert(std::is_nothrow_move_assignable_v<VideoWriter>);

namespace fs = std::filesystem;

class VideoTest : public ImageFileTest {
 protected:
  // Image k is the picture moved k px to the left.
  static Image moved(const Image& picture, std::int64_t k) {
    Image frame = picture.clone();
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < picture.height(); ++y)
        for (std::int64_t x = 0; x < picture.width(); ++x)
          frame.color.view().at(c, y, x) =
              picture.color.view().at(c, y, std::min(x + k, picture.width() - 1));
    return frame;
  }

  void write_video(const fs::path& path, const VideoOptions& options, std::int64_t height,
                   std::int64_t width, int frames) const {
    const Image first = picture(height, width);
    VideoWriter writer(path, width, height, options);
    for (int k = 0; k < frames; ++k) writer.add(moved(first, k));
    writer.finish();
  }

  std::string video_bytes(const std::string& extension, VideoCodec codec) const;

  static double mean_difference(const Image& a, const Image& b) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < std::min(a.height(), b.height()); ++y)
        for (std::int64_t x = 0; x < std::min(a.width(), b.width()); ++x, ++count)
          sum += std::fabs(a.color.view().at(c, y, x) - b.color.view().at(c, y, x));
    return sum / static_cast<double>(count);
  }
};

TEST_F(VideoTest, EveryFormatKeepsFramesRateAndRecipe) {
  const std::string recipe =
      "{\"text\": \"caf\xC3\xA9\", \"long\": \"" + std::string(3000, 'x') + "\"}";
  for (const std::string& extension : video_extensions()) {
    SCOPED_TRACE(extension);
    VideoOptions options;
    options.fps = 25;
    options.recipe = recipe;
    const fs::path path = file("video." + extension);
    write_video(path, options, 48, 64, 12);
    EXPECT_EQ(read_video_recipe(path), recipe);

    VideoReader reader(path);
    EXPECT_EQ(reader.width(), 64);
    EXPECT_EQ(reader.height(), 48);
    EXPECT_NEAR(reader.fps(), 25, 0.1);
    const Image first = picture(48, 64);
    Image frame;
    int count = 0;
    for (; reader.next(frame); ++count) {
      EXPECT_LT(mean_difference(frame, moved(first, count)), 6) << "frame " << count;
      EXPECT_NEAR(reader.seconds(), count / 25.0, 0.011);
    }
    EXPECT_EQ(count, 12);
    EXPECT_EQ(reader.skipped_packets(), 0);
  }
  EXPECT_EQ(names().size(), video_extensions().size());
}

TEST_F(VideoTest, FramesKeepTimesOfTheirOwn) {
  constexpr std::array<std::int64_t, 6> times{0, 512, 1024, 4000, 4400, 9000};
  for (const std::string extension : {"mp4", "mkv", "webm", "gif"}) {
    SCOPED_TRACE(extension);
    VideoOptions options;
    options.fps = 20;
    options.unit = {1, 12800};
    const fs::path path = file("times." + extension);
    VideoWriter writer(path, 64, 48, options);
    for (const std::int64_t time : times) writer.add(picture(48, 64), {time, 512});
    writer.finish();

    VideoReader reader(path);
    Image frame;
    for (const std::int64_t time : times) {
      ASSERT_TRUE(reader.next(frame));
      // The other two count milliseconds, and hundredths
      const double tolerance = extension == "mp4" ? 1e-9 : extension == "gif" ? 0.011 : 0.001;
      EXPECT_NEAR(reader.seconds(), static_cast<double>(time) / 12800, tolerance);
    }
    EXPECT_FALSE(reader.skip());
    const double end = extension == "mp4" ? 9512 / 12800.0 : reader.info().seconds;
    EXPECT_NEAR(reader.info().seconds, end, 1e-6);
  }
}

TEST_F(VideoTest, CodecsAndPixelsAsAskedFor) {
  int made = 0;
  for (const auto& [name, codec] : video_codec_names) {
    SCOPED_TRACE(name);
    VideoOptions options;
    options.codec = codec;
    options.pixel_width = 4;
    options.pixel_height = 3;
    const fs::path path = file(std::string(name) + ".mkv");
    try {
      write_video(path, options, 64, 96, 4);
    } catch (const CodecFailure& error) {
      // Not every FFmpeg has every encoder
      EXPECT_NE(std::string(error.what()).find("no encoder"), std::string::npos) << error.what();
      continue;
    }
    ++made;
    VideoReader reader(path);
    EXPECT_EQ(reader.info().pixel_width, 4);
    EXPECT_EQ(reader.info().pixel_height, 3);
    Image frame;
    ASSERT_TRUE(reader.next(frame));
    EXPECT_LT(mean_difference(frame, picture(64, 96)), 6);
  }
  EXPECT_GE(made, 1);
  VideoOptions options;
  options.codec = VideoCodec::h264;
  EXPECT_THROW(check_video_output(file("video.webm"), options), CodecFailure);
  EXPECT_THROW(check_video_output(file("video.gif"), options), CodecFailure);
}

TEST_F(VideoTest, OddSizesGrowAndSaySo) {
  std::vector<std::string> said;
  {
    VideoWriter writer(file("odd.mp4"), 63, 47, {},
                       [&](const std::string& s) { said.push_back(s); });
    for (int k = 0; k < 3; ++k) writer.add(picture(47, 63));
    writer.finish();
  }
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("63x47 becomes 64x48"), std::string::npos) << said[0];
  VideoReader reader(file("odd.mp4"));
  Image frame;
  ASSERT_TRUE(reader.next(frame));
  EXPECT_EQ(frame.width(), 64);
  EXPECT_LT(mean_difference(frame, picture(47, 63)), 6);
  write_video(file("odd.gif"), {}, 47, 63, 2);
  EXPECT_EQ(VideoReader(file("odd.gif")).width(), 63);
}

// The bytes of a small video; empty where this FFmpeg lacks the encoder.
std::string VideoTest::video_bytes(const std::string& extension, VideoCodec codec) const {
  VideoOptions options;
  options.codec = codec;
  const fs::path path = file("same." + extension);
  fs::remove(path);
  try {
    check_video_output(path, options);
  } catch (const CodecFailure&) {
    return {};
  }
  write_video(path, options, 48, 64, 8);
  return bytes_of(path);
}

// In one process, again and again: an encoder that reads memory which nobody wrote differs in some
// of the runs only
TEST_F(VideoTest, SameFramesGiveTheSameBytes) {
  constexpr std::pair<const char*, VideoCodec> forms[] = {
      {"mp4", VideoCodec::h264},       {"mp4", VideoCodec::h265},
      {"mp4", VideoCodec::vp9},        {"mp4", VideoCodec::av1},
      {"webm", VideoCodec::automatic}, {"mkv", VideoCodec::automatic},
      {"avi", VideoCodec::automatic},  {"gif", VideoCodec::automatic}};
  int tried = 0;
  for (const auto& [extension, codec] : forms) {
    const std::string first = video_bytes(extension, codec);
    if (first.empty()) continue;
    ++tried;
    int different = 0;
    for (int again = 0; again < 12; ++again) different += video_bytes(extension, codec) != first;
    EXPECT_EQ(different, 0) << extension << ", codec " << static_cast<int>(codec);
  }
  EXPECT_GE(tried, 3);
}

// FFmpeg's own conversions and encoders with and without the instructions of this processor
TEST_F(VideoTest, SameFramesGiveTheSameBytesOnAnyProcessor) {
  for (const auto& [extension, codec] : {std::pair{"mp4", VideoCodec::h264},
                                         {"avi", VideoCodec::automatic},
                                         {"gif", VideoCodec::automatic}}) {
    const std::string first = video_bytes(extension, codec);
    if (first.empty()) continue;
    av_force_cpu_flags(0);
    const std::string plain = video_bytes(extension, codec);
    av_force_cpu_flags(-1);
    EXPECT_TRUE(first == plain) << extension;
  }
}

// A video that is gone on with takes the frames that it has from pictures
TEST_F(VideoTest, RoundsAsPicturesDo) {
  Image frame = picture(16, 32);
  for (std::int64_t i = 0; i < frame.color.size(); ++i)
    frame.color[i] = static_cast<float>(i % 255) + 0.5f;
  write_image(file("kept.png"), frame, {});
  const auto write = [&](const char* name, const Image& same) {
    VideoWriter writer(file(name), 32, 16, {});
    writer.add(same);
    writer.finish();
  };
  write("a.gif", frame);
  write("b.gif", read_image(file("kept.png")));
  const std::string bytes = bytes_of(file("a.gif"));
  EXPECT_FALSE(bytes.empty());
  EXPECT_TRUE(bytes == bytes_of(file("b.gif")));
}

TEST_F(VideoTest, UnfinishedLeavesNothing) {
  {
    VideoWriter writer(file("video.mp4"), 64, 48, {});
    writer.add(picture(48, 64));
  }
  EXPECT_TRUE(names().empty());
  VideoWriter empty(file("video.mp4"), 64, 48, {});
  EXPECT_THROW(empty.finish(), CodecFailure);
}

TEST_F(VideoTest, RefusesWhatCannotBe) {
  EXPECT_THROW(check_video_output(file("video.xyz"), {}), CodecFailure);
  EXPECT_THROW(check_video_output(file("none/video.mp4"), {}), FileFailure);
  write_video(file("video.mp4"), {}, 48, 64, 2);
  EXPECT_THROW(check_video_output(file("video.mp4"), {}), FileFailure);
  VideoOptions over;
  over.overwrite = true;
  check_video_output(file("video.mp4"), over);
  VideoWriter writer(file("video.mp4"), 64, 48, over);
  EXPECT_THROW(writer.add(picture(48, 62)), BadShape);
}

TEST_F(VideoTest, DamagedPacketsAreSkippedAndCounted) {
  write_video(file("video.avi"), {}, 48, 64, 30);
  std::fstream video(file("video.avi"), std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(video), {}};
  // Each packet begins with its name and its length; the tenth's content is spoilt
  std::size_t at = bytes.find("movi");
  for (int packet = 0; packet < 10; ++packet) at = bytes.find("00dc", at + 4);
  ASSERT_NE(at, std::string::npos);
  video.seekp(static_cast<std::streamoff>(at + 8));
  video << std::string(8, '\xff') << std::flush;
  VideoReader reader(file("video.avi"));
  int frames = 0;
  while (reader.skip()) ++frames;
  EXPECT_GE(frames, 25);
  EXPECT_LT(frames, 30);
  EXPECT_EQ(reader.skipped_packets(), 30 - frames);
}

TEST_F(VideoTest, ReaderRefusesWhatIsNotAVideo) {
  EXPECT_THROW(VideoReader(file("missing.mp4")), FileFailure);
  std::ofstream(file("text.mp4")) << "this is not a video, whatever its name says";
  EXPECT_THROW(VideoReader(file("text.mp4")), BadImage);
  EXPECT_THROW(read_video_recipe(file("text.mp4")), BadImage);
}

TEST(GifComment, IsReadFromCutFilesWithoutHarm) {
  EXPECT_EQ(gif_comment(""), "");
  std::string gif = "GIF89a";
  gif += std::string("\x02\0\x02\0\x80\0\0", 7) + std::string(6, '\x11');
  gif += gif_ending(std::string(700, 'r'));
  EXPECT_EQ(gif_comment(gif), std::string(700, 'r'));
  for (std::size_t length = 0; length < gif.size(); ++length)
    EXPECT_LE(gif_comment(std::string_view(gif).substr(0, length)).size(), 700u);
}

}  // namespace
}  // namespace reverie
