#include "reverie/recipe/presets.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {
namespace {

TEST(Preset, UnknownNameListsTheKnown) {
  EXPECT_EQ(load_preset("classic"), Recipe{});
  try {
    load_preset("clasic");
    FAIL() << "an unknown preset was accepted";
  } catch (const BadRecipe& error) {
    EXPECT_NE(
        std::string(error.what()).find("classic, laplacian, tutorial, hvass, recursive, pyramid"),
        std::string::npos);
  }
  EXPECT_THROW(load_preset("/nowhere/recipe.json"), FileFailure);
}

TEST(Preset, EachIsValidBothWays) {
  for (const Preset& preset : presets())
    for (bool faithful : {false, true}) {
      const Recipe recipe = preset.recipe(faithful);
      EXPECT_NO_THROW(validate(recipe)) << preset.name;
      EXPECT_EQ(recipe.preset, preset.name);
      EXPECT_EQ(recipe.faithful, faithful);
    }
}

TEST(Preset, FaithfulKeepsWhatWasChanged) {
  Recipe recipe = load_preset("hvass");
  recipe.clip = true;  // as it is
  recipe.jitter = 7;
  recipe.size = parse_size("320");
  set_faithful(recipe, true);
  Recipe expected = find_preset("hvass")->recipe(true);
  expected.jitter = 7;
  expected.size = parse_size("320");
  EXPECT_EQ(recipe, expected);
  set_faithful(recipe, false);
  expected = load_preset("hvass");
  expected.jitter = 7;
  expected.size = parse_size("320");
  EXPECT_EQ(recipe, expected);
}

TEST(Preset, OnlyAFaithfulDreamHasQuirks) {
  Recipe recipe = load_preset("laplacian");
  EXPECT_EQ(quirks_of(recipe).epsilon, 0);
  EXPECT_FALSE(quirks_of(recipe).positive_shifts);
  recipe.faithful = true;
  EXPECT_EQ(quirks_of(recipe).epsilon, 1e-7);
  EXPECT_TRUE(quirks_of(recipe).positive_shifts);
  EXPECT_TRUE(quirks_of(find_preset("tutorial")->recipe(true)).quantize_result);
  EXPECT_NE(quirks_of(find_preset("pyramid")->recipe(true)).channel_scale[0], 1);
  recipe.preset = "my.json";
  EXPECT_EQ(quirks_of(recipe).epsilon, 0);
}

TEST(Preset, FaithfulInJsonThrowsTheSwitch) {
  const Recipe recipe =
      recipe_from_json(R"({"preset": "tutorial", "faithful": true, "iterations": 3})", "x");
  Recipe expected = find_preset("tutorial")->recipe(true);
  expected.iterations = 3;
  EXPECT_EQ(recipe, expected);
  EXPECT_EQ(recipe_from_json(recipe_to_json(expected), "x"), expected);
}

}  // namespace
}  // namespace reverie
