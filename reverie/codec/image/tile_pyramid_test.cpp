#include "reverie/codec/image/tile_pyramid.h"

#include <gtest/gtest.h>

#include <fstream>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/resample.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class TilePyramidTest : public testing::Test {
 protected:
  TilePyramidTest() {
    std::string form = testing::TempDir() + "/tiles-XXXXXX";
    folder_ = ::mkdtemp(form.data());
  }
  ~TilePyramidTest() override { fs::remove_all(folder_); }

  fs::path written(const Image& image, const std::string& name, const ImageOptions& options = {}) {
    write_image(folder_ / name, image, options);
    return folder_ / name;
  }
  fs::path tile(int level, int x, int y, const char* extension = ".jpg") const {
    return folder_ / "tiles" / std::to_string(level) /
           (std::to_string(x) + "_" + std::to_string(y) + extension);
  }
  // The mean difference of a part of the picture to a tile of the last level.
  static double difference(const Image& image, std::int64_t left, std::int64_t top,
                           const Image& tile) {
    double sum = 0;
    for (int plane = 0; plane < 3; ++plane)
      for (std::int64_t y = 0; y < tile.height(); ++y)
        for (std::int64_t x = 0; x < tile.width(); ++x)
          sum += std::abs(
              image.color.view().plane(plane).data()[(top + y) * image.width() + left + x] -
              tile.color.view().plane(plane).data()[y * tile.width() + x]);
    return sum / static_cast<double>(3 * tile.width() * tile.height());
  }

  fs::path folder_;
};

TEST_F(TilePyramidTest, CutsThePictureAndSmallerOnes) {
  const Image image = cloudscape(300, 140, 3);
  const TilePyramid made =
      write_tile_pyramid(written(image, "a.png"), folder_ / "tiles", nullptr, 64);
  EXPECT_EQ(made.width, 300);
  EXPECT_EQ(made.height, 140);
  EXPECT_EQ(made.levels, 4);  // 300, 150, 75, 38
  EXPECT_EQ(made.levels, tile_levels(300, 140, 64));

  const Image corner = read_image(tile(3, 4, 2));
  EXPECT_EQ(corner.width(), 300 - 4 * 64);
  EXPECT_EQ(corner.height(), 140 - 2 * 64);
  EXPECT_LT(difference(image, 64, 64, read_image(tile(3, 1, 1))), 8);
  EXPECT_LT(difference(image, 256, 128, corner), 8);
  EXPECT_GT(difference(image, 0, 64, read_image(tile(3, 1, 1))), 16);
  EXPECT_FALSE(fs::exists(tile(3, 5, 0)));
  const Image smallest = read_image(tile(0, 0, 0));
  EXPECT_LE(smallest.width(), 64);
  EXPECT_GE(smallest.width(), 37);
  EXPECT_FALSE(fs::exists(tile(0, 1, 0)));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "tiles"), fs::directory_iterator()), 4);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

TEST_F(TilePyramidTest, TakesEveryDepthAndTransparency) {
  Image image = cloudscape(100, 80, 3);
  const auto middle = [&](int bits) {
    ImageOptions options;
    options.bits = bits;
    fs::remove_all(folder_ / "tiles");
    write_tile_pyramid(written(image, std::to_string(bits) + ".tif", options), folder_ / "tiles",
                       nullptr, 64);
    return difference(image, 64, 0, read_image(tile(1, 1, 0)));
  };
  for (const int bits : {8, 16, 32}) EXPECT_LT(middle(bits), 8) << bits;

  image.alpha = Tensor::uninitialized({1, 80, 100});
  for (std::int64_t i = 0; i < image.alpha.size(); ++i) image.alpha[i] = 100;
  fs::remove_all(folder_ / "tiles");
  write_tile_pyramid(written(image, "alpha.png"), folder_ / "tiles", nullptr, 64);
  const Image seen = read_image(tile(1, 0, 0, ".png"));
  ASSERT_FALSE(seen.alpha.empty());
  EXPECT_EQ(seen.alpha[0], 100);
}

TEST_F(TilePyramidTest, ReadsASmallerPicture) {
  Image image = cloudscape(300, 140, 3);
  const Image same = read_image_shrunk(written(image, "a.png"), 300);
  EXPECT_LT(difference(image, 0, 0, same), 0.5);
  const Image small = read_image_shrunk(folder_ / "a.png", 100);
  EXPECT_EQ(small.width(), 100);
  EXPECT_EQ(small.height(), 47);
  EXPECT_TRUE(small.alpha.empty());
  EXPECT_LT(difference(small, 0, 0, {resampled(image.color, 47, 100, Resampler::lanczos), {}}), 2);

  image.alpha = Tensor::uninitialized({1, 140, 300});
  for (std::int64_t i = 0; i < image.alpha.size(); ++i) image.alpha[i] = 100;
  EXPECT_EQ(read_image_shrunk(written(image, "b.png"), 100).alpha[50], 100);
  for (std::int64_t i = 0; i < image.alpha.size(); ++i) image.alpha[i] = 255;
  EXPECT_TRUE(read_image_shrunk(written(image, "c.png"), 100).alpha.empty());
  const std::string bytes = read_file(folder_ / "a.png");
  std::ofstream(folder_ / "cut.png", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THROW(read_image_shrunk(folder_ / "cut.png", 100), BadImage);
}

TEST_F(TilePyramidTest, StandsUpright) {
  const Image image = cloudscape(100, 80, 3);
  // A JPEG with an Exif block that says: turn by 90 degrees
  ImageOptions options;
  options.format = "jpg";
  std::string bytes = encode_image(image, options);
  const char exif[] =
      "\xff\xe1\x00\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
  bytes.insert(2, std::string(exif, 4 + 32));
  std::ofstream(folder_ / "turned.jpg", std::ios::binary) << bytes;
  const Image turned = read_image(folder_ / "turned.jpg");
  ASSERT_EQ(turned.width(), 80);
  const TilePyramid made =
      write_tile_pyramid(folder_ / "turned.jpg", folder_ / "tiles", nullptr, 64);
  EXPECT_EQ(made.width, 80);
  EXPECT_EQ(made.height, 100);
  EXPECT_LT(difference(turned, 0, 64, read_image(tile(1, 0, 1))), 8);
}

TEST_F(TilePyramidTest, LeavesNothingBehind) {
  const fs::path picture = written(cloudscape(300, 140, 3), "a.png");
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(write_tile_pyramid(picture, folder_ / "tiles", &cancel, 64).levels, 0);
  EXPECT_FALSE(fs::exists(folder_ / "tiles"));

  // A file cut short
  const std::string bytes = read_file(picture);
  std::ofstream(folder_ / "cut.png", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THROW(write_tile_pyramid(folder_ / "cut.png", folder_ / "tiles", nullptr, 64), Error);
  EXPECT_THROW(write_tile_pyramid(folder_ / "none.png", folder_ / "tiles"), FileFailure);
  EXPECT_THROW(write_tile_pyramid(picture, folder_ / "no/tiles"), FileFailure);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
  fs::create_directory(folder_ / "tiles");
  EXPECT_THROW(write_tile_pyramid(picture, folder_ / "tiles"), FileFailure);
}

}  // namespace
}  // namespace reverie
