// Files of several pictures, and samples that few files have.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"

namespace reverie {
namespace {

// A picture of one grey in a TIFF file, and those that lie below it.
struct TiffPage {
  int width, height, grey;
  int photometric = 1;  // 1: black is zero; 32803: the cells of a camera's sensor
  std::vector<TiffPage> below = {};
};

// Writes TIFF files byte by byte. Source: TIFF 6.0, section 2, and the tag SubIFDs of its
// supplement 1.
class TiffWriter {
 public:
  std::string write(const std::vector<TiffPage>& pages) {
    bytes_ = std::string("II*\0\0\0\0\0", 8);
    std::size_t link = 4;
    for (const TiffPage& page : pages) link = put_page(page, link);
    return bytes_;
  }

 private:
  void put(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }
  void set(std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
  }
  void put_tag(int tag, std::uint32_t value) {
    put(static_cast<std::uint32_t>(tag), 2);
    put(4, 2);  // LONG
    put(1, 4);
    put(value, 4);
  }

  // link: where the offset of this page is stored. Returns where that of the next one is.
  std::size_t put_page(const TiffPage& page, std::size_t link) {
    const auto pixels = static_cast<std::uint32_t>(page.width * page.height);
    const auto data = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(pixels, static_cast<char>(page.grey));
    std::size_t below = 0;
    for (const TiffPage& picture : page.below) {
      const std::size_t hole = bytes_.size();
      put(0, 4);
      put_page(picture, hole);
      below = hole;
    }
    bytes_.append(bytes_.size() % 2, '\0');
    set(link, static_cast<std::uint32_t>(bytes_.size()));
    put(page.below.empty() ? 9 : 10, 2);
    put_tag(256, static_cast<std::uint32_t>(page.width));
    put_tag(257, static_cast<std::uint32_t>(page.height));
    put_tag(258, 8);
    put_tag(259, 1);
    put_tag(262, static_cast<std::uint32_t>(page.photometric));
    put_tag(273, data);
    put_tag(277, 1);
    put_tag(278, static_cast<std::uint32_t>(page.height));
    put_tag(279, pixels);
    if (!page.below.empty()) {
      std::uint32_t first = 0;
      for (std::size_t i = 0; i < 4; ++i)
        first |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[below + i])) << 8 * i;
      put_tag(330, first);
    }
    put(0, 4);
    return bytes_.size() - 4;
  }

  std::string bytes_;
};

class ImagePages : public ImageFileTest {
 protected:
  struct Reading {
    Image image;
    std::string notices;
    float grey() const { return image.color[0]; }
  };
  Reading read(const std::string& name, int page = 0) const {
    Reading reading;
    ReadOptions options;
    options.page = page;
    reading.image = read_image(
        file(name), [&](const std::string& line) { reading.notices += line + "\n"; }, options);
    return reading;
  }
  void put_tiff(const std::string& name, const std::vector<TiffPage>& pages) const {
    put_bytes(file(name), TiffWriter().write(pages));
  }
};

TEST_F(ImagePages, TheLargestIsTakenAndSaid) {
  put_tiff("scan.tif", {{4, 3, 10}, {40, 30, 20}, {8, 6, 30}});
  const Reading chosen = read("scan.tif");
  EXPECT_EQ(chosen.grey(), 20);
  EXPECT_EQ(chosen.image.width(), 40);
  EXPECT_NE(chosen.notices.find("has 3 pictures; the largest, 40 x 30, is taken (--page"),
            std::string::npos)
      << chosen.notices;
  EXPECT_EQ(read("scan.tif", 1).grey(), 10);
  EXPECT_EQ(read("scan.tif", 3).grey(), 30);
  EXPECT_EQ(read("scan.tif", 3).notices, "");
  EXPECT_NE(message_of<BadImage>([&] { read("scan.tif", 4); }).find("no page 4, only 3"),
            std::string::npos);
}

TEST_F(ImagePages, OfEqualOnesTheFirstIsTaken) {
  put_tiff("fax.tif", {{8, 6, 10}, {8, 6, 20}});
  const Reading chosen = read("fax.tif");
  EXPECT_EQ(chosen.grey(), 10);
  EXPECT_NE(chosen.notices.find("has 2 pictures; the first, 8 x 6, is taken"), std::string::npos)
      << chosen.notices;
  put_tiff("one.tif", {{8, 6, 10}});
  EXPECT_EQ(read("one.tif").notices, "");
}

// As DNG, NEF and ARW have it: a thumbnail, and the picture below it
TEST_F(ImagePages, AThumbnailIsNotTheWholePhotograph) {
  put_tiff("photo.tif", {{4, 3, 10, 1, {{40, 30, 20}}}});
  EXPECT_EQ(read("photo.tif").grey(), 20);
  EXPECT_EQ(read("photo.tif", 1).grey(), 10);
  EXPECT_EQ(read("photo.tif", 2).grey(), 20);
}

// Cells of a sensor are no picture, and a small preview is not taken for one
TEST_F(ImagePages, ARawPhotographIsNamed) {
  put_tiff("raw.tif", {{40, 30, 10, 1, {{400, 300, 20, 32803}}}});
  const std::string message = message_of<BadImage>([&] { read("raw.tif"); });
  EXPECT_NE(message.find("raw photograph"), std::string::npos) << message;
  EXPECT_NE(message.find("40 x 30"), std::string::npos) << message;
  EXPECT_EQ(read("raw.tif", 1).grey(), 10);

  put_tiff("preview.tif", {{1024, 768, 10, 1, {{2048, 1536, 20, 32803}}}});
  const Reading chosen = read("preview.tif");
  EXPECT_EQ(chosen.grey(), 10);
  EXPECT_NE(chosen.notices.find("raw photograph"), std::string::npos) << chosen.notices;

  put_tiff("only.tif", {{400, 300, 20, 32803}});
  EXPECT_NE(message_of<BadImage>([&] { read("only.tif"); }).find("raw photograph"),
            std::string::npos);
}

TEST_F(ImagePages, AnimationsSayThatTheyHaveMoreFrames) {
  std::vector<std::uint8_t> pixels(std::size_t{8 * 16 * 3}, 100);
  std::fill(pixels.begin() + 8 * 8 * 3, pixels.end(), std::uint8_t{200});
  const ImagePtr frames =
      vips_image<std::uint8_t>(8, 16, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, pixels);
  vips_image_set_int(frames.get(), VIPS_META_PAGE_HEIGHT, 8);
  const int delays[] = {40, 40};
  vips_image_set_array_int(frames.get(), "delay", delays, 2);
  save(frames.get(), "anim.webp");
  const Reading chosen = read("anim.webp");
  EXPECT_EQ(chosen.image.height(), 8);
  EXPECT_NE(chosen.notices.find("has 2 frames; the first is taken"), std::string::npos)
      << chosen.notices;
  EXPECT_EQ(read("anim.webp", 2).image.height(), 8);
}

TEST_F(ImagePages, SignedSamplesCountFromZero) {
  save(vips_image<std::int16_t>(2, 1, 1, VIPS_FORMAT_SHORT, VIPS_INTERPRETATION_B_W, {0, 32767})
           .get(),
       "signed.tif");
  const Image frame = read_image(file("signed.tif"));
  EXPECT_EQ(frame.color[0], 0);
  EXPECT_NEAR(frame.color[1], 255, 1e-3);
}

// White and a mid grey, as 16-bit Lab stores them
TEST_F(ImagePages, SixteenBitLabBecomesRgb) {
  save(vips_image<std::int16_t>(2, 1, 3, VIPS_FORMAT_SHORT, VIPS_INTERPRETATION_LABS,
                                {32767, 0, 0, 17500, 0, 0})
           .get(),
       "lab.tif");
  const Image frame = read_image(file("lab.tif"));
  for (std::int64_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(frame.color[2 * c], 255, 1) << c;
    EXPECT_NEAR(frame.color[2 * c + 1], 127.5, 2) << c;  // L* = 53.4
  }
}

TEST_F(ImagePages, AProfileThatDoesNotFitIsNotSaidToBeConverted) {
  const ImagePtr ink =
      vips_image<std::uint8_t>(1, 1, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_CMYK, {0, 0, 0, 0});
  attach_profile(ink.get(), "p3");
  save(ink.get(), "ink.tif");
  const Reading chosen = read("ink.tif");
  // Newer versions of libvips drop such a profile themselves when they read the file
  EXPECT_EQ(chosen.notices.find("\" converted"), std::string::npos) << chosen.notices;
  EXPECT_NE(chosen.notices.find("SWOP"), std::string::npos) << chosen.notices;
}

TEST_F(ImagePages, AProfileIsKeptOnRequest) {
  const ImagePtr wide =
      vips_image<std::uint8_t>(1, 1, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, {0, 255, 0});
  attach_profile(wide.get(), "p3");
  save(wide.get(), "wide.tif");
  ReadOptions keep;
  keep.keep_profile = true;
  std::string notices;
  const Image kept = read_image(
      file("wide.tif"), [&](const std::string& line) { notices += line; }, keep);
  EXPECT_EQ(kept.color[1], 255);
  EXPECT_EQ(kept.color[0], 0);
  EXPECT_EQ(notices, "");
}

}  // namespace
}  // namespace reverie
