#include "reverie/recipe/recipe.h"

#include <gtest/gtest.h>

#include <limits>

#include "reverie/base/error.h"

namespace reverie {
namespace {

std::string message_of(const std::string& spec) {
  try {
    parse_layer_spec(spec);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(LayerSpec, ParsesNameChannelsAndWeight) {
  EXPECT_EQ(parse_layer_spec("inception_4c/output"), (LayerSpec{"inception_4c/output", {}, 1}));
  EXPECT_EQ(parse_layer_spec("4c:3"), (LayerSpec{"4c", {3}, 1}));
  EXPECT_EQ(parse_layer_spec("4c:3,7,10-13=-0.5"), (LayerSpec{"4c", {3, 7, 10, 11, 12, 13}, -0.5}));
  EXPECT_EQ(parse_layer_spec("4c=2e3"), (LayerSpec{"4c", {}, 2000}));
}

TEST(LayerSpec, ReadsNamesWithColonsSlashesAndEqualSigns) {
  EXPECT_EQ(parse_layer_spec("mixed4c:0:*"), (LayerSpec{"mixed4c:0", {}, 1}));
  EXPECT_EQ(parse_layer_spec("mixed4c:0:5"), (LayerSpec{"mixed4c:0", {5}, 1}));
  EXPECT_EQ(parse_layer_spec("import:2/conv"), (LayerSpec{"import:2/conv", {}, 1}));
  EXPECT_EQ(parse_layer_spec("a=b=3"), (LayerSpec{"a=b", {}, 3}));
}

TEST(LayerSpec, RoundTrips) {
  const LayerSpec specs[] = {{"4c", {}, 1},
                             {"4c", {1, 2, 3, 9, 8}, 1},
                             {"4c", {}, -1},
                             {"mixed4c:0", {}, 1},
                             {"mixed4c:0", {4}, 0.1},
                             {"a=1", {}, 1},
                             {"import:2/conv", {}, 1},
                             {"x", {0, 1}, 1e-300}};
  for (const LayerSpec& spec : specs)
    EXPECT_EQ(parse_layer_spec(to_string(spec)), spec) << to_string(spec);
  EXPECT_EQ(to_string(LayerSpec{"4c", {1, 2, 3, 9}, -2}), "4c:1-3,9=-2");
}

TEST(LayerSpec, SaysWhatWasNotUnderstood) {
  EXPECT_NE(message_of("4c:dog").find("'dog' is not a channel"), std::string::npos);
  EXPECT_NE(message_of("4c:7-3").find("'7-3'"), std::string::npos);
  EXPECT_NE(message_of("4c:1,,2").find("'' is not a channel"), std::string::npos);
  EXPECT_NE(message_of("4c:3,3").find("channel 3 is named twice"), std::string::npos);
  EXPECT_NE(message_of("4c=much").find("weight 'much'"), std::string::npos);
  EXPECT_NE(message_of("4c=inf").find("weight 'inf'"), std::string::npos);
  EXPECT_NE(message_of(":3").find("name is missing"), std::string::npos);
  EXPECT_NE(message_of("").find("name is missing"), std::string::npos);
}

TEST(Recipe, DefaultsAreValid) { EXPECT_NO_THROW(validate(Recipe{})); }

TEST(Recipe, OutOfRangeSaysTheRange) {
  Recipe recipe;
  recipe.octaves = 17;
  try {
    validate(recipe);
    FAIL() << "17 octaves were accepted";
  } catch (const BadRecipe& error) {
    EXPECT_STREQ(error.what(), "octaves is 17, expected a whole number, 1 to 16");
  }
  recipe.octaves = 4;
  recipe.step = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(validate(recipe), BadRecipe);
}

// What validate() says of a recipe that is changed like this.
template <class Change>
std::string refusal(const Change& change) {
  Recipe recipe;
  change(recipe);
  try {
    validate(recipe);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Recipe, WrapGoesWithNothingThatSeesEdges) {
  EXPECT_EQ(refusal([](Recipe& r) { r.wrap = true; }), "accepted");
  const auto refused = [&](const char* word, const auto& change) {
    const std::string said = refusal([&](Recipe& r) {
      r.wrap = true;
      change(r);
    });
    EXPECT_NE(said.find(word), std::string::npos) << word << ": " << said;
    EXPECT_NE(said.find("wrap"), std::string::npos) << word << ": " << said;
  };
  refused("tiling", [](Recipe& r) { r.tiling = Tiling::strips, r.tile = 256; });
  refused("mask", [](Recipe& r) { r.mask = "mask.png"; });
  refused("random-rotation", [](Recipe& r) { r.random_rotation = 5; });
  refused("random-scale", [](Recipe& r) { r.random_scale = 1.1; });
  refused("@at", [](Recipe& r) { r.layers = {parse_layer_spec("4c@at=0.5,0.5")}; });
  refused("@mask", [](Recipe& r) { r.layers = {parse_layer_spec("4c@mask=m.png")}; });
}

TEST(Recipe, SettingsThatContradictEachOtherAreRefused) {
  const auto refused = [](const char* one, const char* other, const auto& change) {
    const std::string said = refusal(change);
    EXPECT_NE(said.find(one), std::string::npos) << one << ": " << said;
    EXPECT_NE(said.find(other), std::string::npos) << other << ": " << said;
  };
  const auto with_layer = [](const char* spec, auto change) {
    return [spec, change](Recipe& r) {
      r.layers = {parse_layer_spec(spec)};
      change(r);
    };
  };
  const auto guide = [](Recipe& r) { r.guide = {{"g.png", 1}}; };
  refused("guide", "recursive",
          [&](Recipe& r) { guide(r), r.octave_mode = OctaveMode::recursive; });
  for (const char* spec : {"4c@at=0,0", "4c@direction=d.npy", "@class=3"})
    refused("@at, @direction and @class", "guide", with_layer(spec, guide));
  EXPECT_EQ(refusal(with_layer("4c@mask=m.png", guide)), "accepted");
  for (const char* key : {"@at=0,0", "@mask=m.png"}) {
    const std::string spec = std::string("4c") + key;
    const std::string name = spec.substr(2, spec.find('=') - 2);
    refused(name.c_str(), "random-flip",
            with_layer(spec.c_str(), [](Recipe& r) { r.random_flip = true; }));
    refused(name.c_str(), "random-rotation",
            with_layer(spec.c_str(), [](Recipe& r) { r.random_rotation = 3; }));
    refused(name.c_str(), "tiling", with_layer(spec.c_str(), [](Recipe& r) {
              r.tiling = Tiling::strips;
              r.tile = 256;
            }));
  }
  refused("mask-invert", "mask", [](Recipe& r) { r.mask_invert = true; });
  refused("mask-feather", "mask", [](Recipe& r) { r.mask_feather = 4; });
  refused("octaves-above", "octaves", [](Recipe& r) { r.octaves_above = 4; });
  refused("source-penalty", "running",
          [](Recipe& r) { r.source_penalty = 1, r.octave_mode = OctaveMode::running; });
  refused("tile", "blended", [](Recipe& r) { r.tiling = Tiling::random; });
}

TEST(Size, ParsesBothForms) {
  EXPECT_FALSE(parse_size(""));
  EXPECT_EQ(parse_size("640x480")->width, 640);
  EXPECT_EQ(to_string(parse_size("50%")), "50%");
  EXPECT_EQ(fitted_size(parse_size("50%"), 641, 480),
            (std::pair<std::int64_t, std::int64_t>{321, 240}));
  EXPECT_EQ(to_string(parse_size("12.5%")), "12.5%");
  for (const char* bad : {"0%", "%", "1001%", "-5%", "5%%"})
    EXPECT_THROW(parse_size(bad), BadRecipe) << bad;
  EXPECT_EQ(parse_size("640x480")->height, 480);
  EXPECT_EQ(parse_size("1024")->longest, 1024);
  for (const char* bad : {"x", "640x", "-1", "0", "70000", "640 x 480", "12.5", "big"})
    EXPECT_THROW(parse_size(bad), BadRecipe) << bad;
}

TEST(Size, IsWrittenAsItIsRead) {
  for (const char* text : {"", "640x480", "1024"}) EXPECT_EQ(to_string(parse_size(text)), text);
}

TEST(Size, FitsTheLongerSide) {
  using Sides = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(fitted_size({}, 100, 50), (Sides{100, 50}));
  EXPECT_EQ(fitted_size(parse_size("50"), 100, 40), (Sides{50, 20}));
  EXPECT_EQ(fitted_size(parse_size("200"), 40, 100), (Sides{80, 200}));
  EXPECT_EQ(fitted_size(parse_size("7x9"), 40, 100), (Sides{7, 9}));
  EXPECT_EQ(fitted_size(parse_size("10"), 1000, 1), (Sides{10, 1}));
}

}  // namespace
}  // namespace reverie
