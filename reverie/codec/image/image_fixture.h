// image_fixture.h: what the tests of reading and writing images share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/vips_session.h"

namespace reverie {

// A folder that goes away with the test.
class ImageFileTest : public ::testing::Test {
 protected:
  ImageFileTest() {
    std::string name = ::testing::TempDir() + "/still-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    start_vips();
  }
  ~ImageFileTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      found.push_back(entry.path().filename().string());
    return found;
  }

  // Smooth colors with fractions, so that lossy formats stay close to them.
  static Image picture(std::int64_t height, std::int64_t width, bool alpha = false) {
    Image frame;
    frame.color = Tensor({3, height, width});
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
          frame.color.view().at(c, y, x) =
              128 + 100 * std::sin(0.07f * static_cast<float>(x) + 0.11f * static_cast<float>(y) +
                                   1.3f * static_cast<float>(c));
    if (!alpha) return frame;
    frame.alpha = Tensor({1, height, width});
    for (std::int64_t i = 0; i < height * width; ++i)
      frame.alpha[i] = static_cast<float>((i * 37) % 256);
    return frame;
  }

  // A small image of libvips' own: bands of `format` that hold `pixels` row by row.
  template <class Sample>
  static ImagePtr vips_image(int width, int height, int bands, VipsBandFormat format,
                             VipsInterpretation kind, const std::vector<Sample>& pixels) {
    const ImagePtr borrowed(vips_image_new_from_memory_copy(
        pixels.data(), pixels.size() * sizeof(Sample), width, height, bands, format));
    VipsImage* out = nullptr;
    vips_copy(borrowed.get(), &out, "interpretation", kind, nullptr);
    return ImagePtr(out);
  }

  void save(VipsImage* image, const std::string& name) const {
    ASSERT_EQ(vips_image_write_to_file(image, file(name).c_str(), nullptr), 0)
        << vips_error_buffer();
  }

  // Embeds one of libvips' profiles without touching the samples. Not pngsave's "profile":
  // libvips 8.16 converts them for that, 8.14 does not.
  static void attach_profile(VipsImage* image, const char* name) {
    VipsBlob* blob = nullptr;
    ASSERT_EQ(vips_profile_load(name, &blob, nullptr), 0);
    std::size_t size = 0;
    const void* profile = vips_blob_get(blob, &size);
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, size);
    vips_area_unref(VIPS_AREA(blob));
  }

  static std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // The message of the Error of that type which `call` throws; it must be one line.
  template <class Expected, class Call>
  static std::string message_of(Call&& call) {
    try {
      call();
    } catch (const Expected& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_FALSE(message.empty());
      return message;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "another exception: " << error.what();
      return {};
    }
    ADD_FAILURE() << "no exception";
    return {};
  }

  static void expect_near(const Tensor& a, const Tensor& b, float tolerance) {
    ASSERT_EQ(a.shape(), b.shape());
    std::int64_t worst = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
      if (!(std::fabs(a[i] - b[i]) <= std::fabs(a[worst] - b[worst]))) worst = i;
    EXPECT_LE(std::fabs(a[worst] - b[worst]), tolerance)
        << "worst at " << worst << ": " << a[worst] << ", expected " << b[worst];
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace reverie
