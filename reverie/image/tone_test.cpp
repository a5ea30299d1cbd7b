#include "reverie/image/tone.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"

namespace reverie {
namespace {

// Noise of the given middle and width, levels, every color by itself.
Tensor noise(float middle, float width, std::uint64_t seed) {
  Tensor canvas({3, 24, 40});
  RandomStream stream = Random(seed).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = middle + width * (stream.uniform() - 0.5f);
  return canvas;
}

double relative(double value, double wanted) { return std::abs(value / wanted - 1); }

TEST(Tone, IsThatOfTwoHalvesByHand) {
  Tensor canvas({3, 1, 2});  // black and pure green
  canvas.view().at(1, 0, 1) = 200;
  const Tone tone = tone_of(canvas);
  EXPECT_DOUBLE_EQ(tone.mean[0], 0);
  EXPECT_DOUBLE_EQ(tone.mean[1], 100);
  EXPECT_NEAR(tone.contrast, 0.7152 * 100, 1e-9);
  // Half of the way, color - luma, is -71.52, 28.48, -71.52 in either direction
  EXPECT_NEAR(tone.saturation, std::sqrt(2 * 71.52 * 71.52 + 28.48 * 28.48), 1e-9);
}

TEST(Tone, CountsEachPixelByItsWeight) {
  Tensor canvas({3, 1, 2}), weights({1, 1, 2});
  canvas.view().at(0, 0, 1) = 100;
  weights[0] = 0.75f, weights[1] = 0.25f;
  EXPECT_DOUBLE_EQ(tone_of(canvas, weights).mean[0], 25);
  weights[0] = weights[1] = 0;
  EXPECT_DOUBLE_EQ(tone_of(canvas, weights).mean[0], 50);
}

TEST(MatchTone, BringsBrightnessContrastAndSaturationBack) {
  const Tone reference = tone_of(noise(110, 90, 1));
  for (auto [middle, width] : {std::pair(150.f, 200.f), std::pair(60.f, 30.f)}) {
    Tensor drifted = noise(middle, width, 2);
    match_tone(drifted, reference, ToneMatch::full, true);
    const Tone held = tone_of(drifted);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(held.mean[c], reference.mean[c], 0.1);
    EXPECT_LE(relative(held.contrast, reference.contrast), tone_bound + 1e-3);
    EXPECT_LE(relative(held.saturation, reference.saturation), tone_bound + 1e-3);
    for (float v : drifted.elements()) ASSERT_TRUE(v >= 0 && v <= 255);
  }
}

TEST(MatchTone, MakesUpForWhatClippingTakes) {
  // Half black, half white, shifted up: a third of the shift is lost at the white end
  const Tone reference = tone_of(noise(200, 40, 1));
  Tensor canvas = noise(128, 255, 3);
  for (float& v : canvas.elements()) v = v > 100 ? 255.f : 0.f;
  match_tone(canvas, reference, ToneMatch::mean, true);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(tone_of(canvas).mean[c], reference.mean[c], 0.1);
}

TEST(MatchTone, MeanLeavesContrastAlone) {
  Tensor canvas = noise(150, 60, 4);
  const Tone before = tone_of(canvas);
  match_tone(canvas, tone_of(noise(110, 20, 1)), ToneMatch::mean, false);
  EXPECT_NEAR(tone_of(canvas).contrast, before.contrast, 1e-3);
  EXPECT_NEAR(tone_of(canvas).mean[2], tone_of(noise(110, 20, 1)).mean[2], 0.1);
}

TEST(MatchTone, LeavesWhatIsWithinTheBoundsAlone) {
  const Tensor source = noise(110, 90, 1);
  Tensor canvas = source.clone();
  match_tone(canvas, tone_of(source), ToneMatch::full, true);
  EXPECT_TRUE(
      std::equal(canvas.elements().begin(), canvas.elements().end(), source.elements().begin()));
}

TEST(MatchTone, KeepsGreyPicturesGreyAndDreamsOfPlainWalls) {
  Tensor wall({3, 24, 40});
  for (float& v : wall.elements()) v = 90;
  Tensor canvas = noise(130, 120, 5);
  match_tone(canvas, tone_of(wall), ToneMatch::full, true);
  const Tone held = tone_of(canvas);
  EXPECT_NEAR(held.contrast, 8, 0.5);
  EXPECT_NEAR(held.saturation, 0, 1e-3);
}

TEST(MatchTone, KeepsTheBitsWhereTheWeightIsZero) {
  Tensor canvas = noise(150, 200, 6), weights({1, 24, 40});
  for (std::int64_t i = 0; i < weights.size(); ++i) weights[i] = i % 3 == 0 ? 1.f : 0.f;
  const Tensor before = canvas.clone();
  const Tone reference = tone_of(noise(90, 60, 1));
  match_tone(canvas, reference, ToneMatch::full, true, weights);
  for (std::int64_t i = 0; i < canvas.size(); ++i)
    if (weights[i % weights.size()] == 0) {
      ASSERT_EQ(canvas[i], before[i]);
    }
  EXPECT_NEAR(tone_of(canvas, weights).mean[0], reference.mean[0], 0.1);
}

TEST(MatchTone, StaysWithinDisplayUnitsWhereItClips) {
  for (const bool clip : {true, false}) {
    Tensor canvas({3, 8, 8});
    for (std::int64_t i = 0; i < canvas.size(); ++i) canvas[i] = i % 2 == 0 ? 20.f : 250.f;
    Tone brighter = tone_of(canvas);
    for (double& mean : brighter.mean) mean += 40;
    match_tone(canvas, brighter, ToneMatch::mean, clip);
    const auto [low, high] =
        std::minmax_element(canvas.elements().begin(), canvas.elements().end());
    EXPECT_EQ(*high <= 255, clip);
    EXPECT_GE(*low, 0);
  }
}

}  // namespace
}  // namespace reverie
