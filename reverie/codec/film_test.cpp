// Films that are written and read back.
#include <array>

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

TEST_F(FilmTest, SameFramesGiveTheSameBytes) {
  for (const std::string extension : {"mp4", "gif"}) {
    write_film(file("a." + extension), {}, 48, 64, 5);
    write_film(file("b." + extension), {}, 48, 64, 5);
    std::array<std::string, 2> bytes;
    for (int i = 0; i < 2; ++i) {
      std::ifstream in(file((i == 0 ? "a." : "b.") + extension), std::ios::binary);
      bytes[static_cast<std::size_t>(i)].assign(std::istreambuf_iterator<char>(in), {});
    }
    EXPECT_FALSE(bytes[0].empty());
    EXPECT_TRUE(bytes[0] == bytes[1]) << extension;
  }
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
