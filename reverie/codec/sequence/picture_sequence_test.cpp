// Pictures in files of their own, found and read as a video.
#include "reverie/codec/sequence/picture_sequence.h"

#include <algorithm>
#include <fstream>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/video/video_read.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class SequenceTest : public ImageFileTest {
 protected:
  SequenceTest() { fs::create_directory(file("seq")); }

  // One grey level all over, so that each picture can be told from the others.
  void write(const std::string& name, float level, const ImageOptions& options = {},
             std::int64_t width = 16) const {
    Image image;
    image.color = Tensor({3, 8, width});
    std::fill(image.color.elements().begin(), image.color.elements().end(), level);
    write_image(file(name), image, options);
  }

  std::vector<std::string> found(const std::string& name) {
    notices_.clear();
    std::vector<std::string> names;
    for (const fs::path& picture : find_pictures(file(name), notices()))
      names.push_back(picture.filename().string());
    return names;
  }

  NoticeSink notices() {
    return [this](const std::string& text) { notices_ += text + "\n"; };
  }
  bool said(const std::string& text) const { return notices_.find(text) != std::string::npos; }

  // Levels of all frames that can be read.
  std::vector<float> levels(const std::string& name, const VideoReaderOptions& options = {}) {
    VideoReader reader(file(name), notices(), options);
    std::vector<float> all;
    for (Image frame; reader.next(frame);) all.push_back(frame.color[0]);
    return all;
  }

  std::string notices_;
};

using Names = std::vector<std::string>;

TEST_F(SequenceTest, AFolderOrAPatternNamesPictures) {
  for (const int number : {1, 2, 10, 11}) write("seq/f_" + std::to_string(number) + ".png", 9);
  const Names all{"f_1.png", "f_2.png", "f_10.png", "f_11.png"};
  for (const char* name : {"seq", "seq/f_%d.png", "seq/f_*.png", "seq/f_*"}) {
    EXPECT_TRUE(is_picture_sequence(file(name))) << name;
    EXPECT_EQ(found(name), all) << name;
  }
  EXPECT_EQ(found("seq/f_##.png"), (Names{"f_10.png", "f_11.png"}));
  EXPECT_EQ(found("seq/f_?.png"), (Names{"f_1.png", "f_2.png"}));
  EXPECT_FALSE(is_picture_sequence(file("seq/f_1.png")));
  EXPECT_FALSE(is_picture_sequence(file("none.mp4")));
  EXPECT_FALSE(is_picture_sequence("-"));
  // A file of that name is itself
  std::ofstream(file("100%d.mp4")) << "x";
  EXPECT_FALSE(is_picture_sequence(file("100%d.mp4")));
}

TEST_F(SequenceTest, TellsWhatIsPassedOverAndWhatIsMissing) {
  for (const int number : {1, 2, 5, 6, 9}) write("seq/" + std::to_string(number) + ".png", 9);
  std::ofstream(file("seq/notes.txt")) << "x";
  std::ofstream(file("seq/.DS_Store")) << "x";
  write("seq/1.dream.png", 9);
  fs::create_directory(file("seq/more"));
  EXPECT_EQ(found("seq").size(), 5u);
  EXPECT_TRUE(said("3 files passed over")) << notices_;
  EXPECT_TRUE(said("4 of the numbers 1 to 9 are missing (3 to 4, 7 to 8)")) << notices_;
  EXPECT_EQ(found("seq/*.dream.png"), Names{"1.dream.png"});

  // Dreams alone are a video
  fs::create_directory(file("dreams"));
  write("dreams/1.dream.png", 9);
  EXPECT_EQ(found("dreams"), Names{"1.dream.png"});
  EXPECT_EQ(notices_, "");

  write("seq/b_1.png", 9);
  write("seq/b_2.png", 9);
  EXPECT_EQ(found("seq").size(), 7u);
  EXPECT_TRUE(said("2 series of pictures (*.png, b_*.png...)")) << notices_;
}

TEST_F(SequenceTest, WhereThereIsNoneSaysSo) {
  const auto error_of = [&](const std::string& name) {
    try {
      found(name);
      return std::string();
    } catch (const FileFailure& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(error_of("seq").find("no picture in folder"), std::string::npos);
  EXPECT_NE(error_of("seq/f_%03d.png").find("no file has a name like"), std::string::npos);
  EXPECT_NE(error_of("missing/f_*.png").find("cannot read folder"), std::string::npos);
}

TEST_F(SequenceTest, StemsAreShort) {
  EXPECT_EQ(sequence_stem(file("seq")), "seq");
  EXPECT_EQ(sequence_stem(file("seq/")), "seq");
  EXPECT_EQ(sequence_stem(file("seq/walk_%04d.png")), "walk");
  EXPECT_EQ(sequence_stem(file("seq/walk-*.png")), "walk");
  EXPECT_EQ(sequence_stem(file("seq/*.png")), "seq");
}

TEST_F(SequenceTest, IsReadAsAVideo) {
  ImageOptions deep;
  deep.bits = 16;
  deep.pixel_width = 32;
  deep.pixel_height = 27;
  for (int k = 0; k < 3; ++k)
    write("seq/f_" + std::to_string(k) + (k == 1 ? ".tif" : ".png"),
          100.25f + static_cast<float>(k), deep);
  VideoReader reader(file("seq"), notices());
  EXPECT_EQ(reader.width(), 16);
  EXPECT_EQ(reader.height(), 8);
  EXPECT_EQ(reader.fps(), 30);
  EXPECT_EQ(reader.info().frames, 3);
  EXPECT_NEAR(reader.info().seconds, 0.1, 1e-9);
  EXPECT_EQ(reader.info().pixel_width, 32);
  EXPECT_EQ(reader.info().pixel_height, 27);
  EXPECT_TRUE(said("3 pictures at 30 frames a second (--fps chooses another rate)")) << notices_;
  Image frame;
  for (int k = 0; k < 3; ++k) {
    ASSERT_TRUE(reader.next(frame));
    EXPECT_NEAR(frame.color[0], 100.25f + static_cast<float>(k), 0.002);
    EXPECT_NEAR(reader.seconds(), k / 30.0, 1e-9);
  }
  EXPECT_FALSE(reader.next(frame));

  VideoReaderOptions options;
  options.sequence_fps = 23.976;
  VideoReader film(file("seq"), {}, options);
  EXPECT_EQ(film.info().unit.num, 1001);
  EXPECT_EQ(film.info().unit.den, 24000);
  options.sequence_fps = 12.5;
  EXPECT_EQ(VideoReader(file("seq"), {}, options).fps(), 12.5);
}

TEST_F(SequenceTest, PicturesOfOneVideoHaveOneSize) {
  write("seq/1.png", 9);
  write("seq/2.png", 9, {}, 20);
  try {
    VideoReader reader(file("seq"));
    FAIL();
  } catch (const BadImage& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("2.png' is 20x8, expected 16x8 as"), std::string::npos) << text;
  }
}

TEST_F(SequenceTest, ADamagedPictureIsPassedOver) {
  for (int k = 1; k <= 3; ++k)
    write("seq/" + std::to_string(k) + ".png", 10.f * static_cast<float>(k));
  // Its head is whole
  fs::resize_file(file("seq/2.png"), fs::file_size(file("seq/2.png")) - 40);
  VideoReader reader(file("seq"), notices());
  Image frame;
  std::vector<double> times;
  while (reader.next(frame)) times.push_back(reader.seconds() * 30);
  ASSERT_EQ(times.size(), 2u);
  EXPECT_NEAR(times[1], 2, 1e-9);  // at its own time
  EXPECT_EQ(reader.skipped_packets(), 1);
  EXPECT_TRUE(said("2.png: damaged or cut short")) << notices_;
}

TEST_F(SequenceTest, TransparencyIsKeptOrComposed) {
  Image image;
  image.color = Tensor({3, 8, 16});
  image.alpha = Tensor({1, 8, 16});
  std::fill(image.color.elements().begin(), image.color.elements().end(), 200.f);
  std::fill(image.alpha.elements().begin(), image.alpha.elements().end(), 51.f);
  write_image(file("seq/1.png"), image, {});
  VideoReaderOptions options;
  options.background = {100, 100, 100};
  EXPECT_NEAR(levels("seq", options).at(0), 120, 0.01);
  EXPECT_TRUE(said("transparent in part")) << notices_;
  options.keep_alpha = true;
  VideoReader reader(file("seq"), {}, options);
  EXPECT_TRUE(reader.info().alpha);
  Image frame;
  ASSERT_TRUE(reader.next(frame));
  EXPECT_NEAR(frame.color[0], 200, 0.01);
  EXPECT_NEAR(frame.alpha[0], 51, 0.01);
}

}  // namespace
}  // namespace reverie
