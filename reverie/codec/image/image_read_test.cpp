#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"

namespace reverie {
namespace {

using ImageRead = ImageFileTest;
using U8 = std::uint8_t;
using U16 = std::uint16_t;

std::vector<float> values(const Tensor& t) { return {t.elements().begin(), t.elements().end()}; }

TEST_F(ImageRead, GreyBecomesThreeEqualPlanes) {
  save(vips_image<U8>(2, 1, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W, {7, 200}).get(),
       "grey.png");
  const Image frame = read_image(file("grey.png"));
  EXPECT_EQ(values(frame.color), (std::vector<float>{7, 200, 7, 200, 7, 200}));
  EXPECT_TRUE(frame.alpha.empty());
}

TEST_F(ImageRead, AlphaIsKeptUnlessOpaque) {
  save(vips_image<U8>(2, 1, 2, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W, {7, 0, 200, 255}).get(),
       "grey.png");
  const Image grey = read_image(file("grey.png"));
  EXPECT_EQ(values(grey.color), (std::vector<float>{7, 200, 7, 200, 7, 200}));
  EXPECT_EQ(values(grey.alpha), (std::vector<float>{0, 255}));

  save(vips_image<U8>(2, 1, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB,
                      {10, 20, 30, 0, 40, 50, 60, 128})
           .get(),
       "rgba.png");
  const Image rgba = read_image(file("rgba.png"));
  EXPECT_EQ(values(rgba.color), (std::vector<float>{10, 40, 20, 50, 30, 60}));
  EXPECT_EQ(values(rgba.alpha), (std::vector<float>{0, 128}));

  save(
      vips_image<U8>(1, 1, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, {10, 20, 30, 255}).get(),
      "opaque.png");
  EXPECT_TRUE(read_image(file("opaque.png")).alpha.empty());
}

TEST_F(ImageRead, SixteenBitsKeepTheirPrecision) {
  save(vips_image<U16>(2, 1, 3, VIPS_FORMAT_USHORT, VIPS_INTERPRETATION_RGB16,
                       {257, 1, 65535, 300, 0, 65534})
           .get(),
       "deep.png");
  const Image frame = read_image(file("deep.png"));
  EXPECT_EQ(values(frame.color), (std::vector<float>{1, 300 / 257.0f, 1 / 257.0f, 0, 255,
                                                     static_cast<float>(65534) / 257.0f}));
}

TEST_F(ImageRead, PaletteIsLookedUp) {
  const ImagePtr image = vips_image<U8>(2, 2, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB,
                                        {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0});
  ASSERT_EQ(vips_pngsave(image.get(), file("p.png").c_str(), "palette", TRUE, "bitdepth", 2,
                         "dither", 0.0, nullptr),
            0);
  const std::string png = bytes_of(file("p.png"));
  ASSERT_NE(png.find("PLTE"), std::string::npos);
  EXPECT_EQ(values(read_image(file("p.png")).color),
            (std::vector<float>{255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 0}));
}

TEST_F(ImageRead, EveryOrientationStandsUpright) {
  // A 3 x 2 picture with the numbers 1..6, and how it must look after each orientation
  const ImagePtr image =
      vips_image<U8>(3, 2, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W, {1, 2, 3, 4, 5, 6});
  const std::vector<float> upright[] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                                        {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                                        {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
    save(image.get(), "turned.tif");
    const Image frame = read_image(file("turned.tif"));
    EXPECT_EQ(frame.height(), orientation < 5 ? 2 : 3);
    std::vector<float> plane = values(frame.color);
    plane.resize(6);
    EXPECT_EQ(plane, upright[orientation - 1]) << "orientation " << orientation;
  }
}

TEST_F(ImageRead, JpegOrientationIsAppliedAndAlphaTurnsToo) {
  ImagePtr image = vips_image<U8>(16, 8, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W,
                                  std::vector<U8>(16 * 8, 90));
  vips_image_set_int(image.get(), VIPS_META_ORIENTATION, 6);
  save(image.get(), "turned.jpg");
  EXPECT_EQ(read_image(file("turned.jpg")).color.shape(), (Shape{3, 16, 8}));

  image = vips_image<U8>(2, 1, 2, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W, {1, 10, 2, 20});
  vips_image_set_int(image.get(), VIPS_META_ORIENTATION, 8);
  save(image.get(), "turned.tif");
  const Image frame = read_image(file("turned.tif"));
  EXPECT_EQ(values(frame.alpha), (std::vector<float>{20, 10}));
}

TEST_F(ImageRead, EmbeddedProfileIsConvertedAndNamed) {
  const ImagePtr red =
      vips_image<U8>(1, 1, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, {200, 100, 50, 77});
  attach_profile(red.get(), "p3");
  save(red.get(), "p3.png");
  std::vector<std::string> heard;
  const Image frame =
      read_image(file("p3.png"), [&](const std::string& line) { heard.push_back(line); });
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NE(heard[0].find("P3"), std::string::npos) << heard[0];
  // Display P3 (200,100,50) in sRGB, by the two standards' primaries and the common curve;
  // libvips' profile samples that curve coarsely
  EXPECT_NEAR(frame.color[0], 214.9f, 1.5f);
  EXPECT_NEAR(frame.color[1], 92.6f, 1.5f);
  EXPECT_NEAR(frame.color[2], 31.0f, 1.5f);
  EXPECT_EQ(frame.alpha[0], 77);
}

TEST_F(ImageRead, SrgbProfileChangesNothing) {
  const ImagePtr image =
      vips_image<U8>(2, 1, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, {200, 100, 50, 1, 2, 3});
  attach_profile(image.get(), "srgb");
  save(image.get(), "s.png");
  int notices = 0;
  const Image frame = read_image(file("s.png"), [&](const std::string&) { ++notices; });
  EXPECT_EQ(values(frame.color), (std::vector<float>{200, 1, 100, 2, 50, 3}));
  EXPECT_EQ(notices, 0);
}

TEST_F(ImageRead, GreyWithAnRgbProfile) {
  const ImagePtr image = vips_image<U8>(1, 1, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W, {128});
  VipsBlob* blob = nullptr;
  ASSERT_EQ(vips_profile_load("p3", &blob, nullptr), 0);
  std::size_t size = 0;
  const void* profile = vips_blob_get(blob, &size);
  vips_image_set_blob_copy(image.get(), VIPS_META_ICC_NAME, profile, size);
  save(image.get(), "g.tif");
  const Image frame = read_image(file("g.tif"));
  for (float v : values(frame.color)) EXPECT_NEAR(v, 128, 0.7f);

  // A profile that is none is left out
  vips_image_set_blob_copy(image.get(), VIPS_META_ICC_NAME, profile, size / 2);
  save(image.get(), "h.tif");
  EXPECT_EQ(read_image(file("h.tif")).color[0], 128);
  vips_area_unref(VIPS_AREA(blob));
}

TEST_F(ImageRead, CmykWithAndWithoutProfile) {
  // No ink is paper white, all black ink is nearly black, cyan has no red
  std::vector<U8> inks;
  for (int i = 0; i < 64; ++i) inks.insert(inks.end(), {0, 0, 0, 0});
  for (int i = 0; i < 64; ++i) inks.insert(inks.end(), {0, 0, 0, 255});
  for (int i = 0; i < 64; ++i) inks.insert(inks.end(), {255, 0, 0, 0});
  const ImagePtr image =
      vips_image<U8>(8, 24, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_CMYK, inks);
  ASSERT_EQ(vips_jpegsave(image.get(), file("bare.jpg").c_str(), "Q", 100, nullptr), 0);
  attach_profile(image.get(), "cmyk");
  ASSERT_EQ(vips_tiffsave(image.get(), file("tagged.tif").c_str(), nullptr), 0);

  for (const char* name : {"bare.jpg", "tagged.tif"}) {
    std::string heard;
    const Image frame = read_image(file(name), [&](const std::string& line) { heard += line; });
    ASSERT_EQ(frame.color.shape(), (Shape{3, 24, 8}));
    EXPECT_NE(heard.find("sRGB"), std::string::npos);
    const ConstView color = frame.color;
    for (int c = 0; c < 3; ++c) EXPECT_GT(color.at(c, 3, 4), 250) << name;
    for (int c = 0; c < 3; ++c) EXPECT_LT(color.at(c, 11, 4), 60) << name;
    EXPECT_LT(color.at(0, 20, 4), 40) << name;
    EXPECT_GT(color.at(2, 20, 4), 180) << name;
  }
}

TEST_F(ImageRead, GifGivesItsFirstFrame) {
  // Two frames as libvips keeps them: one above the other
  std::vector<U8> pixels;
  for (int i = 0; i < 16; ++i) pixels.insert(pixels.end(), {255, 0, 0});
  for (int i = 0; i < 16; ++i) pixels.insert(pixels.end(), {0, 0, 255});
  const ImagePtr image =
      vips_image<U8>(4, 8, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, pixels);
  vips_image_set_int(image.get(), VIPS_META_PAGE_HEIGHT, 4);
  if (vips_image_write_to_file(image.get(), file("two.gif").c_str(), nullptr) != 0) {
    vips_error_clear();
    GTEST_SKIP() << "this libvips cannot write GIF";
  }
  const Image frame = read_image(file("two.gif"));
  EXPECT_EQ(frame.color.shape(), (Shape{3, 4, 4}));
  EXPECT_EQ(frame.color[0], 255);
  EXPECT_EQ(frame.color[32], 0);
}

TEST_F(ImageRead, HeicWhereLibvipsHasIt) {
  const ImagePtr image = vips_image<U8>(64, 64, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB,
                                        std::vector<U8>(64 * 64 * 3, 120));
  if (vips_image_write_to_file(image.get(), file("a.heic").c_str(), nullptr) != 0) {
    vips_error_clear();
    GTEST_SKIP() << "this libvips cannot write HEIC";
  }
  const Image frame = read_image(file("a.heic"));
  EXPECT_EQ(frame.color.shape(), (Shape{3, 64, 64}));
  for (float v : values(frame.color)) ASSERT_NEAR(v, 120, 4);
}

TEST_F(ImageRead, OtherSampleTypesAndSpaces) {
  // Floats on the sRGB curve, unclipped
  save(vips_image<float>(1, 1, 3, VIPS_FORMAT_FLOAT, VIPS_INTERPRETATION_sRGB, {-0.5f, 0.25f, 2})
           .get(),
       "float.tif");
  EXPECT_EQ(values(read_image(file("float.tif")).color),
            (std::vector<float>{-127.5f, 63.75f, 510}));

  // Lab: L 100 is white, L 0 black
  save(vips_image<float>(2, 1, 3, VIPS_FORMAT_FLOAT, VIPS_INTERPRETATION_LAB, {100, 0, 0, 0, 0, 0})
           .get(),
       "lab.tif");
  const Image lab = read_image(file("lab.tif"));
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(lab.color[2 * c], 255, 0.5f);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(lab.color[2 * c + 1], 0, 0.5f);

  // Linear light: a fifth of the light is about half of the way
  const ImagePtr light =
      vips_image<float>(1, 1, 3, VIPS_FORMAT_FLOAT, VIPS_INTERPRETATION_scRGB, {0.2140f, 1, 0.5f});
  if (vips_image_write_to_file(light.get(), file("light.hdr").c_str(), nullptr) == 0) {
    const Image hdr = read_image(file("light.hdr"));
    EXPECT_NEAR(hdr.color[0], 127.5f, 1);
    EXPECT_NEAR(hdr.color[1], 255, 1);
    EXPECT_NEAR(hdr.color[2], 187.5f, 1);
  }

  save(vips_image<float>(1, 1, 1, VIPS_FORMAT_COMPLEX, VIPS_INTERPRETATION_B_W, {5, 1}).get(),
       "complex.tif");
  const std::string message = message_of<BadImage>([&] { read_image(file("complex.tif")); });
  EXPECT_NE(message.find("complex"), std::string::npos) << message;
}

TEST_F(ImageRead, BytesAndFilesGiveTheSame) {
  write_image(file("a.webp"), picture(40, 30), {});
  const Image a = read_image(file("a.webp"));
  const Image b = decode_image(bytes_of(file("a.webp")), "bytes");
  EXPECT_EQ(values(a.color), values(b.color));

  // A pipe, which cannot be mapped or searched
  ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
  std::thread writer([&] { put_bytes(file("pipe"), bytes_of(file("a.webp"))); });
  const Image c = read_image(file("pipe"));
  writer.join();
  EXPECT_EQ(values(a.color), values(c.color));

  // Standard input
  const int before = ::dup(0);
  ASSERT_NE(std::freopen(file("a.webp").c_str(), "r", stdin), nullptr);
  const Image d = read_image("-");
  ::dup2(before, 0);
  ::close(before);
  EXPECT_EQ(values(a.color), values(d.color));

  // Brackets in a name are no options
  std::filesystem::copy(file("a.webp"), file("b.webp[page=3]"));
  EXPECT_EQ(values(read_image(file("b.webp[page=3]")).color), values(a.color));
}

TEST_F(ImageRead, AChangedFileIsReadAgain) {
  write_image(file("a.png"), picture(8, 8), {});
  EXPECT_EQ(read_image(file("a.png")).width(), 8);
  ImageOptions replace;
  replace.overwrite = true;
  write_image(file("a.png"), picture(8, 9), replace);
  EXPECT_EQ(read_image(file("a.png")).width(), 9);
}

TEST_F(ImageRead, SaysWhyAFileCannotBeOpened) {
  EXPECT_NE(message_of<FileFailure>([&] { read_image(file("absent.jpg")); }).find("absent.jpg"),
            std::string::npos);
  EXPECT_NE(message_of<FileFailure>([&] { read_image(file(".")); }).find("folder"),
            std::string::npos);
  put_bytes(file("secret.png"), "x");
  ::chmod(file("secret.png").c_str(), 0);
  if (::geteuid() != 0) message_of<FileFailure>([&] { read_image(file("secret.png")); });
}

TEST_F(ImageRead, SaysWhenItIsNoPicture) {
  put_bytes(file("zero.jpg"), "");
  EXPECT_NE(message_of<BadImage>([&] { read_image(file("zero.jpg")); }).find("empty"),
            std::string::npos);
  message_of<BadImage>([&] { decode_image("", "nothing"); });
  for (const std::string& text :
       {std::string("Hello, I am a letter."), std::string("3 3\n1 2 3\n4 5 6\n7 8 9\n"),
        std::string("%PDF-1.4\n"), std::string("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        std::string("BM"), std::string(1, 'x'), std::string(5000, '\0')}) {
    put_bytes(file("text.jpg"), text);
    message_of<BadImage>([&] { read_image(file("text.jpg")); });
    message_of<BadImage>([&] { read_image_recipe(file("text.jpg")); });
  }
}

TEST_F(ImageRead, SaysWhenItIsCutShort) {
  const Image frame = picture(200, 300, true);
  for (const char* name : {"a.jpg", "a.png", "a.webp", "a.tif"}) {
    write_image(file(name), frame, {});
    const std::string whole = bytes_of(file(name));
    ASSERT_EQ(read_image(file(name)).width(), 300);
    for (double part : {0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99}) {
      SCOPED_TRACE(fmt::format("{}, {} of its bytes", name, part));
      put_bytes(file("cut"), whole.substr(0, static_cast<std::size_t>(part * whole.size())));
      const std::string message = message_of<BadImage>([&] { read_image(file("cut")); });
      EXPECT_NE(message.find("cut"), std::string::npos) << message;
    }
  }
}

// Changes bytes of a PNG's IHDR chunk, and its check sum with them.
void replace_png_head(std::string& png, std::size_t at, const std::string& bytes) {
  png.replace(at, bytes.size(), bytes);
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(png[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(~crc >> (24 - 8 * i));
}

// libvips loses an error of the last rows when several of its threads are at them.
TEST_F(ImageRead, SaysSoEveryTimeOnABusyMachine) {
  write_image(file("a.jpg"), picture(200, 300, true), {});
  const std::string whole = bytes_of(file("a.jpg"));
  put_bytes(file("cut.jpg"), whole.substr(0, whole.size() * 99 / 100));
  std::atomic<int> accepted = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 6; ++reader)
    readers.emplace_back([&] {
      for (int k = 0; k < 60; ++k) try {
          read_image(file("cut.jpg"));
          ++accepted;
        } catch (const BadImage&) {
        }
    });
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(accepted, 0);
}

TEST_F(ImageRead, RefusesAPictureThatClaimsTooMuch) {
  write_image(file("a.png"), picture(100, 100), {});
  const std::string message = message_of<BadImage>([&] {
    read_image(file("a.png"), {}, {0, false, 9'999});
  });
  EXPECT_NE(message.find("100 x 100"), std::string::npos) << message;
  EXPECT_EQ(read_image(file("a.png"), {}, {0, false, 10'000}).width(), 100);

  std::string png = bytes_of(file("a.png"));
  replace_png_head(png, 16, std::string("\x00\x00\xEA\x60\x00\x00\xEA\x60", 8));
  put_bytes(file("bomb.png"), png);
  const std::string bomb = message_of<BadImage>([&] { read_image(file("bomb.png")); });
  EXPECT_NE(bomb.find("60000 x 60000"), std::string::npos) << bomb;
}

TEST_F(ImageRead, NothingReachesStandardError) {
  const std::string log = file("stderr.txt").string();
  // A grey PNG with a profile for RGB, of which libpng warns
  const ImagePtr dot =
      vips_image<U8>(1, 1, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB, {128, 128, 128});
  ASSERT_EQ(vips_pngsave(dot.get(), file("dot.png").c_str(), "profile", "p3", nullptr), 0);
  std::string grey = bytes_of(file("dot.png"));
  replace_png_head(grey, 25, std::string(1, '\0'));
  put_bytes(file("grey.png"), grey);

  std::fflush(stderr);
  const int before = ::dup(2);
  ASSERT_NE(std::freopen(log.c_str(), "w", stderr), nullptr);
  EXPECT_NO_THROW(read_image(file("grey.png")));
  write_image(file("a.jpg"), picture(64, 64), {});
  write_image(file("a.tif"), picture(64, 64), {});
  for (const char* name : {"a.jpg", "a.tif"}) {
    std::string bytes = bytes_of(file(name));
    for (std::size_t i = 30; i < bytes.size(); i += 13) bytes[i] = static_cast<char>(i);
    put_bytes(file("broken"), bytes);
    try {
      read_image(file("broken"));
    } catch (const Error&) {
    }
  }
  std::fflush(stderr);
  ::dup2(before, 2);
  ::close(before);
  EXPECT_EQ(bytes_of(log), "");
}

}  // namespace
}  // namespace reverie
