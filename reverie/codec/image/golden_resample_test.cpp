// The resamplers on real pictures, against arrays that other programs made (golden/README.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "reverie/codec/image/image_file.h"
#include "reverie/image/resample.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

const std::filesystem::path golden = std::filesystem::path(REVERIE_TEST_DATA) / "golden";

TEST(GoldenResample, TensorflowHalfPixel) {
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << golden << " is absent";
  Tensor picture = read_image(golden / "notebook/sky512.png").color;
  for (float& v : picture.elements()) v = v / 127.5f - 1;
  const Tensor expected = read_npy(golden / "tf2/sky512_3b4c_resized0.npy");  // [H,W,3]
  const std::int64_t height = expected.shape()[0], width = expected.shape()[1];
  const Tensor got = resampled(picture, height, width, Resampler::tf_half);
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t i = 0; i < height * width; ++i)
      ASSERT_NEAR(got[c * height * width + i], expected[i * 3 + c], 1e-6f) << c << ", " << i;
}

TEST(GoldenResample, PillowLanczos) {
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << golden << " is absent";
  // sky512 is a crop of sky1024, resized by Pillow on bytes, which it rounds and clips between
  // its two passes too: ours, rounded once, is one off for about every sixth, and more only at
  // overshoots
  const Tensor whole = read_image(golden / "notebook/sky1024.png").color;
  const Tensor expected = read_image(golden / "notebook/sky512.png").color;
  Tensor crop({3, 575, 767});
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < 575; ++y)
      for (std::int64_t x = 0; x < 767; ++x)
        crop.view().at(c, y, x) = whole.view().at(c, y, x + 128);
  const Tensor got = resampled(crop, 384, 512, Resampler::lanczos);
  std::int64_t off = 0;
  double bias = 0;
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const float rounded = std::nearbyint(std::clamp(got[i], 0.0f, 255.0f));
    ASSERT_NEAR(rounded, expected[i], 3) << i;
    off += rounded != expected[i];
    bias += got[i] - expected[i];
  }
  EXPECT_LT(off, got.size() / 5);
  EXPECT_LT(std::fabs(bias / static_cast<double>(got.size())), 0.01);
}

TEST(GoldenResample, DecodingIsExact) {
  const auto jpeg = std::filesystem::path(REVERIE_TEST_DATA) / "photos/deepdream_sky1024px.jpg";
  if (!std::filesystem::exists(jpeg)) GTEST_SKIP() << jpeg << " is absent";
  const Tensor a = read_image(jpeg).color;
  const Tensor b = read_image(golden / "notebook/sky1024.png").color;
  ASSERT_EQ(a.shape(), b.shape());
  // Decoders of JPEG may differ by one
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1) << i;
}

}  // namespace
}  // namespace reverie
