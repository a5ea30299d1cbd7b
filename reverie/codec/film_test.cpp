// Films that are written and read back.
extern "C" {
#include <libavutil/cpu.h>
}

#include <array>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/codec/film_read.h"
#include "reverie/codec/film_write.h"
#include "reverie/codec/gif_comment.h"
#include "reverie/codec/still_fixture.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class FilmTest : public StillTest {
 protected:
  // Frame k is the picture moved k px to the left.
  static Frame moved(const Frame& picture, std::int64_t k) {
    Frame frame = picture.clone();
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < picture.height(); ++y)
        for (std::int64_t x = 0; x < picture.width(); ++x)
          frame.colour.view().at(c, y, x) =
              picture.colour.view().at(c, y, std::min(x + k, picture.width() - 1));
    return frame;
  }

  void write_film(const fs::path& path, const FilmOptions& options, std::int64_t height,
                  std::int64_t width, int frames) const {
    const Frame first = picture(height, width);
    FilmWriter writer(path, width, height, options);
    for (int k = 0; k < frames; ++k) writer.add(moved(first, k));
    writer.finish();
  }

  std::string film_bytes(const std::string& extension, FilmCodec codec) const;

  static double mean_difference(const Frame& a, const Frame& b) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < std::min(a.height(), b.height()); ++y)
        for (std::int64_t x = 0; x < std::min(a.width(), b.width()); ++x, ++count)
          sum += std::fabs(a.colour.view().at(c, y, x) - b.colour.view().at(c, y, x));
    return sum / static_cast<double>(count);
  }
};

TEST_F(FilmTest, EveryFormatKeepsFramesRateAndRecipe) {
  const std::string recipe =
      "{\"text\": \"caf\xC3\xA9\", \"long\": \"" + std::string(3000, 'x') + "\"}";
  for (const std::string& extension : film_extensions()) {
    SCOPED_TRACE(extension);
    FilmOptions options;
    options.fps = 25;
    options.recipe = recipe;
    const fs::path path = file("film." + extension);
    write_film(path, options, 48, 64, 12);
    EXPECT_EQ(read_film_recipe(path), recipe);

    FilmReader reader(path);
    EXPECT_EQ(reader.width(), 64);
    EXPECT_EQ(reader.height(), 48);
    EXPECT_NEAR(reader.fps(), 25, 0.1);
    const Frame first = picture(48, 64);
    Frame frame;
    int count = 0;
    for (; reader.next(frame); ++count) {
      EXPECT_LT(mean_difference(frame, moved(first, count)), 6) << "frame " << count;
      EXPECT_NEAR(reader.seconds(), count / 25.0, 0.011);
    }
    EXPECT_EQ(count, 12);
    EXPECT_EQ(reader.skipped_packets(), 0);
  }
  EXPECT_EQ(names().size(), film_extensions().size());
}

TEST_F(FilmTest, FramesKeepTimesOfTheirOwn) {
  constexpr std::array<std::int64_t, 6> times{0, 512, 1024, 4000, 4400, 9000};
  for (const std::string extension : {"mp4", "mkv", "webm", "gif"}) {
    SCOPED_TRACE(extension);
    FilmOptions options;
    options.fps = 20;
    options.unit = {1, 12800};
    const fs::path path = file("times." + extension);
    FilmWriter writer(path, 64, 48, options);
    for (const std::int64_t time : times) writer.add(picture(48, 64), {time, 512});
    writer.finish();

    FilmReader reader(path);
    Frame frame;
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

TEST_F(FilmTest, CodecsAndPixelsAsAskedFor) {
  int made = 0;
  for (const auto& [name, codec] : film_codec_names) {
    SCOPED_TRACE(name);
    FilmOptions options;
    options.codec = codec;
    options.pixel_width = 4;
    options.pixel_height = 3;
    const fs::path path = file(std::string(name) + ".mkv");
    try {
      write_film(path, options, 64, 96, 4);
    } catch (const CodecFailure& error) {
      // Not every FFmpeg has every encoder
      EXPECT_NE(std::string(error.what()).find("no encoder"), std::string::npos) << error.what();
      continue;
    }
    ++made;
    FilmReader reader(path);
    EXPECT_EQ(reader.info().pixel_width, 4);
    EXPECT_EQ(reader.info().pixel_height, 3);
    Frame frame;
    ASSERT_TRUE(reader.next(frame));
    EXPECT_LT(mean_difference(frame, picture(64, 96)), 6);
  }
  EXPECT_GE(made, 1);
  FilmOptions options;
  options.codec = FilmCodec::h264;
  EXPECT_THROW(check_film_output(file("film.webm"), options), CodecFailure);
  EXPECT_THROW(check_film_output(file("film.gif"), options), CodecFailure);
}

TEST_F(FilmTest, OddSizesGrowAndSaySo) {
  std::vector<std::string> said;
  {
    FilmWriter writer(file("odd.mp4"), 63, 47, {},
                      [&](const std::string& s) { said.push_back(s); });
    for (int k = 0; k < 3; ++k) writer.add(picture(47, 63));
    writer.finish();
  }
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("63x47 becomes 64x48"), std::string::npos) << said[0];
  FilmReader reader(file("odd.mp4"));
  Frame frame;
  ASSERT_TRUE(reader.next(frame));
  EXPECT_EQ(frame.width(), 64);
  EXPECT_LT(mean_difference(frame, picture(47, 63)), 6);
  write_film(file("odd.gif"), {}, 47, 63, 2);
  EXPECT_EQ(FilmReader(file("odd.gif")).width(), 63);
}

// The bytes of a small film; empty where this FFmpeg lacks the encoder.
std::string FilmTest::film_bytes(const std::string& extension, FilmCodec codec) const {
  FilmOptions options;
  options.codec = codec;
  const fs::path path = file("same." + extension);
  fs::remove(path);
  try {
    check_film_output(path, options);
  } catch (const CodecFailure&) {
    return {};
  }
  write_film(path, options, 48, 64, 8);
  return bytes_of(path);
}

// In one process, again and again: an encoder that reads memory which nobody wrote differs in some
// of the runs only
TEST_F(FilmTest, SameFramesGiveTheSameBytes) {
  constexpr std::pair<const char*, FilmCodec> forms[] = {
      {"mp4", FilmCodec::h264},      {"mp4", FilmCodec::h265},       {"mp4", FilmCodec::vp9},
      {"mp4", FilmCodec::av1},       {"webm", FilmCodec::automatic}, {"mkv", FilmCodec::automatic},
      {"avi", FilmCodec::automatic}, {"gif", FilmCodec::automatic}};
  int tried = 0;
  for (const auto& [extension, codec] : forms) {
    const std::string first = film_bytes(extension, codec);
    if (first.empty()) continue;
    ++tried;
    int different = 0;
    for (int again = 0; again < 12; ++again) different += film_bytes(extension, codec) != first;
    EXPECT_EQ(different, 0) << extension << ", codec " << static_cast<int>(codec);
  }
  EXPECT_GE(tried, 3);
}

// FFmpeg's own conversions and encoders with and without the instructions of this processor
TEST_F(FilmTest, SameFramesGiveTheSameBytesOnAnyProcessor) {
  for (const auto& [extension, codec] : {std::pair{"mp4", FilmCodec::h264},
                                         {"avi", FilmCodec::automatic},
                                         {"gif", FilmCodec::automatic}}) {
    const std::string first = film_bytes(extension, codec);
    if (first.empty()) continue;
    av_force_cpu_flags(0);
    const std::string plain = film_bytes(extension, codec);
    av_force_cpu_flags(-1);
    EXPECT_TRUE(first == plain) << extension;
  }
}

// A film that is gone on with takes the frames that it has from pictures
TEST_F(FilmTest, RoundsAsPicturesDo) {
  Frame frame = picture(16, 32);
  for (std::int64_t i = 0; i < frame.colour.size(); ++i)
    frame.colour[i] = static_cast<float>(i % 255) + 0.5f;
  write_still(file("kept.png"), frame, {});
  const auto write = [&](const char* name, const Frame& same) {
    FilmWriter writer(file(name), 32, 16, {});
    writer.add(same);
    writer.finish();
  };
  write("a.gif", frame);
  write("b.gif", read_still(file("kept.png")));
  const std::string bytes = bytes_of(file("a.gif"));
  EXPECT_FALSE(bytes.empty());
  EXPECT_TRUE(bytes == bytes_of(file("b.gif")));
}

TEST_F(FilmTest, UnfinishedLeavesNothing) {
  {
    FilmWriter writer(file("film.mp4"), 64, 48, {});
    writer.add(picture(48, 64));
  }
  EXPECT_TRUE(names().empty());
  FilmWriter empty(file("film.mp4"), 64, 48, {});
  EXPECT_THROW(empty.finish(), CodecFailure);
}

TEST_F(FilmTest, RefusesWhatCannotBe) {
  EXPECT_THROW(check_film_output(file("film.xyz"), {}), CodecFailure);
  EXPECT_THROW(check_film_output(file("none/film.mp4"), {}), FileFailure);
  write_film(file("film.mp4"), {}, 48, 64, 2);
  EXPECT_THROW(check_film_output(file("film.mp4"), {}), FileFailure);
  FilmOptions over;
  over.overwrite = true;
  check_film_output(file("film.mp4"), over);
  FilmWriter writer(file("film.mp4"), 64, 48, over);
  EXPECT_THROW(writer.add(picture(48, 62)), BadShape);
}

TEST_F(FilmTest, DamagedPacketsAreSkippedAndCounted) {
  write_film(file("film.avi"), {}, 48, 64, 30);
  std::fstream film(file("film.avi"), std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(film), {}};
  // Each packet begins with its name and its length; the tenth's content is spoilt
  std::size_t at = bytes.find("movi");
  for (int packet = 0; packet < 10; ++packet) at = bytes.find("00dc", at + 4);
  ASSERT_NE(at, std::string::npos);
  film.seekp(static_cast<std::streamoff>(at + 8));
  film << std::string(8, '\xff') << std::flush;
  FilmReader reader(file("film.avi"));
  int frames = 0;
  while (reader.skip()) ++frames;
  EXPECT_GE(frames, 25);
  EXPECT_LT(frames, 30);
  EXPECT_EQ(reader.skipped_packets(), 30 - frames);
}

TEST_F(FilmTest, ReaderRefusesWhatIsNoFilm) {
  EXPECT_THROW(FilmReader(file("missing.mp4")), FileFailure);
  std::ofstream(file("text.mp4")) << "this is no film, whatever its name says";
  EXPECT_THROW(FilmReader(file("text.mp4")), BadImage);
  EXPECT_THROW(read_film_recipe(file("text.mp4")), BadImage);
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
