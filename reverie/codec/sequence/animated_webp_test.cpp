#include "reverie/codec/sequence/animated_webp.h"

#include <fstream>
#include <thread>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class AnimatedWebpTest : public ImageFileTest {
 protected:
  // Frame k is grey of 40 + 20 k, with the alpha `alpha` where that is not negative.
  void write(const std::string& name, int frames, int alpha) const {
    constexpr int width = 16, height = 12;
    const int bands = alpha < 0 ? 3 : 4;
    std::vector<std::uint8_t> pixels;
    for (int k = 0; k < frames; ++k)
      for (int i = 0; i < width * height * bands; ++i)
        pixels.push_back(static_cast<std::uint8_t>(i % bands == 3 ? alpha : 40 + 20 * k));
    const ImagePtr image = vips_image(width, height * frames, bands, VIPS_FORMAT_UCHAR,
                                      VIPS_INTERPRETATION_sRGB, pixels);
    std::vector<int> delays;
    for (int k = 0; k < frames; ++k) delays.push_back(50 + 30 * k);
    vips_image_set_int(image.get(), "page-height", height);
    vips_image_set_array_int(image.get(), "delay", delays.data(), frames);
    void* data = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(vips_webpsave_buffer(image.get(), &data, &size, "lossless", TRUE, nullptr), 0);
    std::ofstream(file(name), std::ios::binary)
        .write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    g_free(data);
  }
};

TEST_F(AnimatedWebpTest, FramesComeAtTheirTimes) {
  write("a.webp", 4, -1);
  EXPECT_TRUE(is_webp(file("a.webp")));
  VideoReader reader(file("a.webp"));
  EXPECT_EQ(reader.width(), 16);
  EXPECT_EQ(reader.height(), 12);
  EXPECT_EQ(reader.info().frames, 4);
  EXPECT_NEAR(reader.info().seconds, 0.38, 1e-9);
  Image frame;
  const double times[] = {0, 0.05, 0.13, 0.24};
  for (int k = 0; k < 4; ++k) {
    // On whatever thread, as videos are read beside the dream
    std::thread([&] { EXPECT_TRUE(reader.next(frame)) << k; }).join();
    EXPECT_EQ(frame.color.shape(), (Shape{3, 12, 16}));
    EXPECT_NEAR(frame.color[50], 40 + 20 * k, 1) << k;
    EXPECT_NEAR(reader.seconds(), times[k], 1e-9) << k;
    EXPECT_TRUE(frame.alpha.empty());
  }
  EXPECT_FALSE(reader.next(frame));
}

TEST_F(AnimatedWebpTest, TransparencyIsKeptOrComposed) {
  write("a.webp", 2, 128);
  std::string said;
  VideoReaderOptions options;
  options.background = {200, 200, 200};
  Image frame;
  VideoReader composed(
      file("a.webp"), [&](const std::string& text) { said += text; }, options);
  ASSERT_TRUE(composed.next(frame));
  EXPECT_NEAR(frame.color[0], 200 + (40 - 200) * 128 / 255.0, 1.5);
  EXPECT_NE(said.find("transparent"), std::string::npos) << said;
  options.keep_alpha = true;
  VideoReader kept(file("a.webp"), {}, options);
  EXPECT_TRUE(kept.info().alpha);
  ASSERT_TRUE(kept.next(frame));
  EXPECT_NEAR(frame.alpha[0], 128, 1);
}

TEST_F(AnimatedWebpTest, DamagedFilesEndEarlyOrAreRefused) {
  write("a.webp", 6, -1);
  std::ifstream in(file("a.webp"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(file("cut.webp"), std::ios::binary).write(whole.data(), std::streamsize(size));
    EXPECT_EQ(is_webp(file("cut.webp")), size >= 12);
    int frames = 0;
    try {
      const auto video = read_webp(file("cut.webp"), {}, {});
      for (Image frame; video->next(frame);) ++frames;
      EXPECT_LT(frames, 7);
    } catch (const BadImage& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace reverie
