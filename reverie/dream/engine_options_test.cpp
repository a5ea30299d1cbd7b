#include "reverie/dream/engine_options.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/dream/dreamer.h"
#include "reverie/recipe/presets.h"

namespace reverie {
namespace {

Network network_with(const std::vector<std::string>& layers) {
  Network network;
  network.name = "small";
  network.graph.add("data", Input{}, {});
  for (const std::string& layer : layers)
    network.graph.add(layer, Relu{}, {static_cast<int>(network.graph.layers.size()) - 1});
  network.default_layer = layers.back();
  return network;
}

TEST(LayersToDream, ArePresetsOwnWhereTheNetworkHasThem) {
  const Recipe recipe = load_preset("tutorial");
  std::string heard;
  const NoticeSink notices = [&](const std::string& line) { heard += line; };
  EXPECT_EQ(layers_to_dream(recipe, network_with({"mixed3", "mixed5", "last"}), notices),
            (std::vector<LayerSpec>{{"mixed3", {}, 1}, {"mixed5", {}, 1}}));
  EXPECT_EQ(heard, "");
  EXPECT_EQ(layers_to_dream(recipe, network_with({"mixed3", "last"}), notices),
            (std::vector<LayerSpec>{{"last", {}, 1}}));
  EXPECT_NE(heard.find("mixed5, which network 'small' does not have; using last"),
            std::string::npos)
      << heard;
}

TEST(LayersToDream, ThatAreNamedWin) {
  Recipe recipe = load_preset("laplacian");
  recipe.layers = {{"a", {2}, -1}};
  EXPECT_EQ(layers_to_dream(recipe, network_with({"a", "mixed4c"})), recipe.layers);
  EXPECT_EQ(layers_to_dream(Recipe{}, network_with({"a", "b"})),
            (std::vector<LayerSpec>{{"b", {}, 1}}));
}

TEST(OctaveOptions, HaveTheProgramsQuirksOnlyWhenFaithful) {
  for (const Preset& preset : presets()) {
    const OctaveOptions modern = octave_options(preset.recipe(false));
    EXPECT_EQ(modern.ascent.epsilon, 0) << preset.name;
    EXPECT_EQ(modern.ascent.channel_scale, (std::array<float, 3>{1, 1, 1})) << preset.name;
    EXPECT_FALSE(modern.quantize_result) << preset.name;
  }
  EXPECT_TRUE(octave_options(find_preset("tutorial")->recipe(true)).quantize_result);
  EXPECT_EQ(octave_options(find_preset("laplacian")->recipe(true)).ascent.epsilon, 1e-7);
  EXPECT_EQ(octave_options(find_preset("tutorial")->recipe(true)).ascent.epsilon, 1e-8 / 127.5);
  EXPECT_EQ(octave_options(find_preset("hvass")->recipe(true)).tiling.epsilon, 1e-8);
  const auto channel_scale =
      octave_options(find_preset("pyramid")->recipe(true)).ascent.channel_scale;
  EXPECT_FLOAT_EQ(channel_scale[0] / channel_scale[1], 0.229f / 0.224f);
}

TEST(StepContext, ShiftsLieWhereTheProgramDrawsThem) {
  const auto range = [](const char* preset, bool faithful) {
    Recipe recipe = find_preset(preset)->recipe(faithful);
    recipe.jitter = 2;
    int low = 9, high = -9;
    for (int iteration = 0; iteration < 200; ++iteration) {
      const Offset shift = step_context(recipe, {0, 1, iteration}).offset;
      low = std::min({low, shift.x, shift.y});
      high = std::max({high, shift.x, shift.y});
    }
    return std::pair(low, high);
  };
  EXPECT_EQ(range("tutorial", false), std::pair(-2, 2));
  EXPECT_EQ(range("tutorial", true), std::pair(-2, 1));
  EXPECT_EQ(range("laplacian", true), std::pair(0, 1));
}

TEST(StepContext, ShiftsOfBothAxesAreDrawn) {
  const Recipe recipe;
  int equal = 0;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Offset shift = step_context(recipe, {0, 0, iteration}).offset;
    equal += shift.x == shift.y;
  }
  EXPECT_LT(equal, 20);  // of 65 values each
}

TEST(StepContext, TileStartsDependOnTheirPlaceOnly) {
  const auto starts_at = [](std::uint32_t frame, int octave, int iteration) {
    const StepContext step = step_context(Recipe{}, {frame, octave, iteration});
    const int first = step.draw(-1000, 1000);
    return std::pair(first, step.draw(-1000, 1000));
  };
  const std::pair<int, int> starts = starts_at(3, 1, 4);
  EXPECT_NE(starts.first, starts.second);
  EXPECT_EQ(starts_at(3, 1, 4), starts);
  EXPECT_NE(starts_at(2, 1, 4), starts);
  EXPECT_NE(starts_at(3, 2, 4), starts);
  EXPECT_NE(starts_at(3, 1, 5), starts);
}

TEST(StepContext, RecordedShiftsGoOnFromOctaveToOctave) {
  Recipe recipe;
  recipe.jitter_from = {{1, 0}, {2, 0}, {3, 0}, {4, 0}};
  EXPECT_EQ(step_context(recipe, {0, 0, 1, 2}).offset, (Offset{2, 0}));
  EXPECT_EQ(step_context(recipe, {7, 1, 0, 2}).offset, (Offset{3, 0}));
  EXPECT_THROW(step_context(recipe, {0, 2, 0, 2}), BadRecipe);
}

std::string conflict_of(const Recipe& recipe) {
  try {
    validate(recipe);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(Recipe, ConflictsGetOneLine) {
  Recipe recipe = load_preset("recursive");
  recipe.guide = {{"flowers.jpg", 1}};
  EXPECT_NE(conflict_of(recipe).find("guide does not go with octave-mode recursive"),
            std::string::npos);
  recipe = {};
  recipe.octave_scale = 1;
  EXPECT_NE(conflict_of(recipe).find("1.05 to 2"), std::string::npos);
  recipe = {};
  recipe.octaves_above = 4;
  EXPECT_NE(conflict_of(recipe).find("octaves-above is 4"), std::string::npos);
  recipe = load_preset("hvass");
  recipe.octaves_above = 1;
  EXPECT_NE(conflict_of(recipe).find("octaves-above"), std::string::npos);
  recipe = {};
  recipe.resize = Resizing::pillow;
  EXPECT_NE(conflict_of(recipe).find("--resize lanczos"), std::string::npos);
  recipe = {};
  recipe.tiling = Tiling::random;
  EXPECT_NE(conflict_of(recipe).find("--tile"), std::string::npos);
}

TEST(StartCanvas, IsTheSourceOrNoiseOrGrey) {
  Tensor source({3, 6, 8});
  for (float& v : source.elements()) v = 200;
  Recipe recipe;
  EXPECT_EQ(start_canvas(recipe, source, 0)[5], 200);
  recipe.start = Start::grey;
  EXPECT_EQ(start_canvas(recipe, source, 0)[5], 127.5f);
  recipe.start = Start::noise;
  const Tensor one = start_canvas(recipe, source, 0), again = start_canvas(recipe, source, 0),
               other = start_canvas(recipe, source, 1);
  EXPECT_EQ(one[5], again[5]);
  EXPECT_NE(one[5], one[6]);
  EXPECT_NE(one[5], other[5]);
  for (float v : one.elements()) EXPECT_NEAR(v, 127.5f, 32);
}

TEST(MaskValues, AreAlphaWhereThereIsAnyAndElseLuma) {
  Image picture{Tensor({3, 1, 2}), Tensor({1, 1, 2})};
  for (float& v : picture.color.elements()) v = 255;
  picture.alpha[0] = 255;
  EXPECT_EQ(mask_values(picture)[1], 0);
  picture.alpha[1] = 255;  // opaque everywhere: it says nothing
  EXPECT_EQ(mask_values(picture)[1], 255);
  picture.alpha = {};
  picture.color[1] = 0;  // cyan
  EXPECT_EQ(mask_values(picture)[0], 255);
  EXPECT_NEAR(mask_values(picture)[1], 255 * (1 - 0.2126), 1e-3);
}

TEST(Recipe, SettingsThatNeedAnotherSayWhich) {
  Recipe recipe;
  recipe.mask_feather = 3;
  EXPECT_NE(conflict_of(recipe).find("mask-feather needs a mask"), std::string::npos);
  recipe = {};
  recipe.mask_invert = true;
  EXPECT_NE(conflict_of(recipe).find("mask-invert needs a mask"), std::string::npos);
  recipe = {};
  recipe.octave_mode = OctaveMode::running;
  recipe.source_penalty = 1;
  EXPECT_NE(conflict_of(recipe).find("source-penalty"), std::string::npos);
  recipe = {};
  recipe.layers = {parse_layer_spec("a@at=0,0")};
  recipe.tiling = Tiling::strips;
  recipe.tile = 64;
  EXPECT_NE(conflict_of(recipe).find("@at needs tiling blended"), std::string::npos);
}

TEST(StepContext, AugmentationLiesWithinItsRanges) {
  Recipe recipe;
  recipe.random_flip = true;
  recipe.random_rotation = 20;
  recipe.random_scale = 1.25;
  int mirrored = 0;
  double least = 9, most = 0, furthest = 0;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Augmentation augmentation = step_context(recipe, {0, 1, iteration}).augmentation;
    mirrored += augmentation.mirrored;
    furthest = std::max(furthest, std::abs(augmentation.degrees));
    least = std::min(least, augmentation.scale);
    most = std::max(most, augmentation.scale);
  }
  EXPECT_NEAR(mirrored, 100, 40);
  EXPECT_TRUE(furthest > 18 && furthest <= 20) << furthest;
  EXPECT_TRUE(least >= 0.8 && least < 0.82) << least;
  EXPECT_TRUE(most <= 1.25 && most > 1.22) << most;
  EXPECT_EQ(step_context(Recipe{}, {}).augmentation, Augmentation{});
  recipe.layers = {parse_layer_spec("a@at=0,0")};
  EXPECT_NE(conflict_of(recipe).find("random-flip, random-rotation or random-scale"),
            std::string::npos);
}

}  // namespace
}  // namespace reverie
