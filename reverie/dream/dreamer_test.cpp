// The whole way of one picture, on a network of two small convolutions.
#include "reverie/dream/dreamer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "reverie/base/random.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/dream/engine_options.h"
#include "reverie/dream/small_network_fixture.h"
#include "reverie/octave/wrap.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

Image noise(std::int64_t height, std::int64_t width) {
  Image picture{Tensor({3, height, width}), {}};
  RandomStream stream = Random(2).at(RandomUse::noise, 0, 0, 0);
  for (float& v : picture.color.elements()) v = 60 + 130 * stream.uniform();
  return picture;
}

// White in columns first..end - 1.
Image stripe(std::int64_t height, std::int64_t width, std::int64_t first, std::int64_t end,
             float white = 255) {
  Image picture{Tensor({3, height, width}), {}};
  for (std::int64_t i = 0; i < picture.color.size(); ++i)
    picture.color[i] = i % width >= first && i % width < end ? white : 0;
  return picture;
}

class DreamerTest : public ::testing::Test {
 protected:
  DreamerTest() {
    std::string name = ::testing::TempDir() + "/dreamer-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    recipe_.octaves = 2;
    recipe_.iterations = 3;
    recipe_.jitter = 4;
    recipe_.precision = Precision::exact;
  }
  ~DreamerTest() override { fs::remove_all(folder_); }

  std::string written(const std::string& name, const Image& picture) const {
    write_image(folder_ / name, picture, {});
    return (folder_ / name).string();
  }
  Dreamer dreamer() const { return {small_network(), recipe_}; }
  Tensor dream(const Image& source) const { return dreamer().dream(source, {}).frame.color; }

  fs::path folder_;
  Recipe recipe_;
};

// No step moves the canvas.
DreamVariation unmoved() {
  DreamVariation variation;
  variation.strength = 0;
  return variation;
}

void expect_equal(ConstView a, ConstView b, float tolerance = 0) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

double distance(ConstView a, ConstView b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

TEST_F(DreamerTest, DreamsAtItsOwnSizeOrTheRecipes) {
  const Image source = noise(40, 56);
  EXPECT_EQ(dream(source).shape(), (Shape{3, 40, 56}));
  EXPECT_GT(distance(dream(source), source.color), 1);
  recipe_.size = parse_size("28");
  EXPECT_EQ(dream(source).shape(), (Shape{3, 20, 28}));
  recipe_.size = parse_size("30x44");
  EXPECT_EQ(dream(source).shape(), (Shape{3, 44, 30}));
}

TEST_F(DreamerTest, KeepsAlpha) {
  Image source = noise(40, 56);
  source.alpha = Tensor({1, 40, 56});
  for (std::int64_t i = 0; i < source.alpha.size(); ++i)
    source.alpha[i] = static_cast<float>(i % 256);
  expect_equal(dreamer().dream(source, {}).frame.alpha, source.alpha);
  recipe_.size = parse_size("28");
  EXPECT_EQ(dreamer().dream(source, {}).frame.alpha.shape(), (Shape{1, 20, 28}));
}

TEST(SizedForDream, StaysWithinDisplayUnits) {
  // Hard edges, where a Lanczos kernel overshoots on both sides
  Image source = stripe(40, 60, 20, 40);
  source.alpha = Tensor::copy_of(source.color.view());
  source.alpha = Tensor({1, 40, 60});
  for (std::int64_t i = 0; i < source.alpha.size(); ++i) source.alpha[i] = source.color[i];
  const Image sized = sized_for_dream(source, parse_size("90"));
  for (const Tensor* tensor : {&sized.color, &sized.alpha}) {
    const auto [low, high] =
        std::minmax_element(tensor->elements().begin(), tensor->elements().end());
    EXPECT_EQ(*low, 0);
    EXPECT_EQ(*high, 255);
  }
}

// What the recipe starts from is seen where no step moves it.
TEST_F(DreamerTest, WrapStartsFromASeamlessPicture) {
  const Image source = noise(40, 56);
  recipe_.octaves = 1;
  Dreamer still = dreamer();
  expect_equal(still.dream(source, {}, unmoved()).frame.color, source.color);

  recipe_.wrap = true;
  Dreamer wrapping = dreamer();
  Tensor seamless = source.color.clone();
  make_seamless(seamless);
  EXPECT_GT(distance(seamless, source.color), 1);
  expect_equal(wrapping.dream(source, {}, unmoved()).frame.color, seamless, 1e-4f);
}

TEST_F(DreamerTest, OutsideTheMaskEveryBitIsThePictures) {
  recipe_.mask = written("mask.png", stripe(20, 20, 0, 10));
  Dreamer masked = dreamer();
  // One after the other, of two sizes: the mask follows the picture
  for (const Image& source : {noise(40, 60), noise(48, 40)}) {
    const Tensor canvas = masked.dream(source, {}).frame.color;
    const std::int64_t width = source.width();
    double moved = 0;
    for (std::int64_t i = 0; i < canvas.size(); ++i) {
      if (i % width > width / 2 + 1) {
        ASSERT_EQ(canvas[i], source.color[i]) << i;
      }
      if (i % width < width / 2 - 1) moved += std::abs(canvas[i] - source.color[i]);
    }
    EXPECT_GT(2 * moved / static_cast<double>(canvas.size()), 1);
  }
}

// The network sees the picture around the noise, not noise everywhere.
TEST_F(DreamerTest, NoiseStartsInsideTheMaskOnly) {
  const Image source = noise(32, 40);
  recipe_.mask = written("mask.png", stripe(32, 40, 0, 20));
  recipe_.start = Start::noise;
  recipe_.octaves = 1;
  Dreamer masked = dreamer();
  DreamControl control;
  int seen = 0;
  const Tensor start = start_canvas(recipe_, source.color, 0);
  control.observe = [&](const DreamProgress&, ConstView canvas) {
    ++seen;
    for (std::int64_t i = 0; i < canvas.size(); ++i)
      ASSERT_EQ(canvas[i], i % 40 < 20 ? start[i] : source.color[i]) << i;
  };
  masked.dream(source, control, unmoved());
  EXPECT_EQ(seen, recipe_.iterations);
}

TEST_F(DreamerTest, BlendsThePictureBackIn) {
  const Image source = noise(40, 56);
  const Tensor free = dream(source);
  recipe_.blend = 0.25;
  const Tensor blended = dream(source);
  for (std::int64_t i = 0; i < free.size(); ++i)
    ASSERT_NEAR(blended[i], 0.75f * free[i] + 0.25f * source.color[i], 1e-3) << i;
}

TEST_F(DreamerTest, StrengthMultipliesStepsAndIterationsReplaceTheRecipes) {
  const Image source = noise(40, 56);
  Dreamer steered = dreamer();
  DreamVariation variation;
  variation.strength = 2;
  variation.iterations = 5;
  DreamControl control;
  std::vector<int> iterations;
  control.progress = [&](const DreamProgress& progress) {
    iterations.push_back(progress.iteration);
    EXPECT_EQ(progress.iterations, 5);
  };
  const Tensor canvas = steered.dream(source, control, variation).frame.color;
  EXPECT_EQ(iterations, (std::vector<int>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
  recipe_.step *= 2;
  recipe_.iterations = 5;
  expect_equal(canvas, dream(source));
}

TEST_F(DreamerTest, ProgressCountsToTheEnd) {
  DreamControl control;
  std::vector<DreamProgress> all;
  control.progress = [&](const DreamProgress& progress) { all.push_back(progress); };
  const DreamResult result = dreamer().dream(noise(40, 56), control);
  ASSERT_EQ(all.size(), 6u);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GT(all[i].fraction, all[i - 1].fraction);
  EXPECT_DOUBLE_EQ(all.back().fraction, 1);
  EXPECT_EQ(all.back().seconds_left, 0);
  EXPECT_EQ(all.front().octaves, 2);
  EXPECT_EQ(all.front().width, 40);
  EXPECT_EQ(all.back().width, 56);
  EXPECT_EQ(result.objective, all.back().objective);
  EXPECT_EQ(result.octaves_finished, 2);
  EXPECT_FALSE(result.cancelled);
}

TEST_F(DreamerTest, KeepsTheLastOctaveWhenCancelled) {
  const Image source = noise(40, 56);
  CancelToken cancel;
  DreamControl control;
  control.cancel = &cancel;
  control.progress = [&](const DreamProgress& progress) {
    if (progress.octave == 1) cancel.cancel();
  };
  const DreamResult result = dreamer().dream(source, control);
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.octaves_finished, 1);
  EXPECT_EQ(result.frame.color.shape(), source.color.shape());
  EXPECT_GT(distance(result.frame.color, source.color), 0.5);

  // Before there is anything to keep, the picture itself comes back
  control.progress = {};
  const DreamResult nothing = dreamer().dream(source, control);
  EXPECT_TRUE(nothing.cancelled);
  EXPECT_EQ(nothing.octaves_finished, 0);
  expect_equal(nothing.frame.color, source.color);
}

TEST_F(DreamerTest, ToldWhatIsLeftOut) {
  recipe_.octaves = 4;
  DreamControl control;
  std::string heard;
  control.notices = [&](const std::string& line) { heard += line; };
  EXPECT_EQ(dreamer().dream(noise(10, 14), control).octaves_finished, 2);
  EXPECT_NE(heard.find("2 of 4 octaves left out"), std::string::npos) << heard;

  recipe_.preset = "tutorial";
  heard.clear();
  const Dreamer elsewhere(small_network(), recipe_, Device::automatic, control.notices);
  EXPECT_NE(heard.find("using b instead"), std::string::npos) << heard;
  EXPECT_EQ(elsewhere.layer_names(), std::vector<std::string>{"b"});
}

TEST_F(DreamerTest, GuidesCountByTheirWeights) {
  const Image source = noise(40, 56);
  recipe_.layers = {{"a", {}, 1}};
  recipe_.octaves = recipe_.iterations = 1;
  const auto objective = [&](std::vector<GuideSpec> guides) {
    recipe_.guide = std::move(guides);
    return dreamer().dream(source, {}).objective;
  };
  const std::string one = written("one.png", stripe(24, 24, 6, 12)),
                    other = written("other.png", stripe(24, 24, 0, 20, 90));
  const double of_one = objective({{one, 1}}), of_other = objective({{other, 1}});
  EXPECT_GT(of_one, 0);
  EXPECT_NE(of_one, of_other);
  EXPECT_NEAR(objective({{one, 2}, {other, 0.5}}) / (2 * of_one + 0.5 * of_other), 1, 1e-5);
}

TEST_F(DreamerTest, AFrameHasItsOwnRandomNumbers) {
  const Image source = noise(40, 56);
  Dreamer fresh = dreamer();
  const Tensor first = fresh.dream(source, {}, {.frame = 1}).frame.color;
  EXPECT_GT(distance(first, fresh.dream(source, {}, {.frame = 2}).frame.color), 0);
  // And nothing of the dreams before it; kept plans change nothing
  fresh.cache_plans();
  expect_equal(first, fresh.dream(source, {}, {1}).frame.color);
  expect_equal(first, fresh.dream(source, {}, {1}).frame.color);
}

// Each octave and each iteration is augmented in its own way: one that is not would be noticed
// where all but one step stand still.
TEST_F(DreamerTest, AugmentsEachOctaveInItsOwnWay) {
  recipe_.random_flip = true;
  recipe_.jitter = 0;
  recipe_.iterations = 1;
  const Image source = noise(40, 56);
  // A seed for which octave 0 is not mirrored and octave 1 is
  const auto mirrored = [&](int octave) {
    return step_context(recipe_, {0, octave, 0}).augmentation.mirrored;
  };
  while (mirrored(0) || !mirrored(1)) ++recipe_.seed;
  Tensor below;
  DreamControl control;
  std::vector<double> objectives;
  control.observe = [&](const DreamProgress& progress, ConstView) {
    objectives.push_back(progress.objective);
  };
  dreamer().dream(source, control);
  recipe_.random_flip = false;
  dreamer().dream(source, control);
  ASSERT_EQ(objectives.size(), 4u);
  EXPECT_EQ(objectives[0], objectives[2]);
  EXPECT_NE(objectives[1], objectives[3]);
}

}  // namespace
}  // namespace reverie
