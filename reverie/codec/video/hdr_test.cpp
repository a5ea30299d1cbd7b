#include "reverie/codec/video/hdr.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

// What one color of a video, 0..1 on its curve, becomes on a screen, 0..255.
std::array<float, 3> shown(const HdrConversion& light, std::array<float, 3> rgb) {
  Tensor color({3, 1, 1});
  for (std::int64_t c = 0; c < 3; ++c) color[c] = 255 * rgb[static_cast<std::size_t>(c)];
  light.run(color);
  return {color[0], color[1], color[2]};
}

std::array<float, 3> grey(float value) { return {value, value, value}; }

TEST(HdrConversion, PaperIsLightAndTheBrightestIsWhite) {
  // BT.2408: 58 % of PQ and 75 % of HLG are 203 cd/m2
  for (const auto& [curve, paper] :
       {std::pair{TransferCurve::pq, 0.58f}, {TransferCurve::hlg, 0.75f}}) {
    const HdrConversion light(curve, true);
    EXPECT_NEAR(shown(light, grey(0))[0], 0, 0.5);
    EXPECT_GT(shown(light, grey(paper))[0], 225);
    EXPECT_LT(shown(light, grey(paper))[0], 245);
    EXPECT_NEAR(shown(light, grey(1))[1], 255, 1);
    float last = -1;
    for (float v = 0; v <= 0.7f; v += 0.05f) {
      const auto rgb = shown(light, grey(v));
      EXPECT_NEAR(rgb[0], rgb[1], 0.5);
      EXPECT_NEAR(rgb[0], rgb[2], 0.5);
      EXPECT_GT(rgb[0], last);
      last = rgb[0];
    }
  }
}

TEST(HdrConversion, DarkLightStaysAsItIs) {
  // 20.3 cd/m2, a tenth of white, is 0.3499 on the sRGB curve; PQ has it at 0.3583
  EXPECT_NEAR(shown(HdrConversion(TransferCurve::pq, false), grey(0.3583f))[0], 89.2, 1.5);
  // HLG at half its range is a scene's light of 1/12, which a screen of 1000 cd/m2 raises to the
  // power of 1.2: 50.7 cd/m2, 0.2498 of white, 0.5369 on the sRGB curve
  EXPECT_NEAR(shown(HdrConversion(TransferCurve::hlg, false), grey(0.5f))[0], 136.9, 0.5);
}

TEST(HdrConversion, WideColoursAreBroughtToTheScreens) {
  const HdrConversion light(TransferCurve::screen, true);
  EXPECT_NEAR(shown(light, grey(0.5f))[2], 127.5, 0.5);
  // BT.2020's primaries lie outside; a mild red becomes a stronger one
  const auto red = shown(light, {0.6f, 0.4f, 0.4f});
  EXPECT_GT(red[0], 255 * 0.6f + 5);
  EXPECT_LT(red[1], 255 * 0.4f);
}

}  // namespace
}  // namespace reverie
