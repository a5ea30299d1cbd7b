#include "reverie/recipe/recipe_options.h"

#include <gtest/gtest.h>

#include <set>

#include "reverie/base/error.h"

namespace reverie {
namespace {

std::string message_of(const std::string& name, const std::string& text) {
  Recipe recipe;
  try {
    set_option(recipe, name, {text});
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(RecipeOptions, NamesAndLettersAreUnique) {
  std::set<std::string> names;
  std::set<char> letters;
  for (const RecipeOption& option : recipe_options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    if (option.letter) {
      EXPECT_TRUE(letters.insert(option.letter).second) << option.letter;
    }
    EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST(RecipeOptions, EveryDefaultReadsBack) {
  for (const RecipeOption& option : recipe_options()) {
    if (option.kind != RecipeOption::Kind::value || option.fallback.empty()) continue;
    Recipe recipe;
    set_option(recipe, option.name, {option.fallback});
    EXPECT_EQ(recipe, Recipe{}) << option.name;
  }
}

TEST(RecipeOptions, Sets) {
  Recipe recipe;
  set_option(recipe, "octaves", {"6"});
  set_option(recipe, "octave-scale", {"1.25"});
  set_option(recipe, "clip", {"false"});
  set_option(recipe, "precision", {"exact"});
  set_option(recipe, "seed", {"random"});
  const std::uint64_t drawn = recipe.seed;
  set_option(recipe, "seed", {"random"});
  EXPECT_NE(recipe.seed, drawn);
  set_option(recipe, "seed", {"18446744073709551615"});
  set_option(recipe, "layer", {"a:1=-1", "b"});
  EXPECT_EQ(recipe.octaves, 6);
  EXPECT_EQ(recipe.octave_scale, 1.25);
  EXPECT_FALSE(recipe.clip);
  EXPECT_EQ(recipe.precision, Precision::exact);
  EXPECT_EQ(recipe.seed, ~std::uint64_t{0});
  EXPECT_EQ(recipe.layers, (std::vector<LayerSpec>{{"a", {1}, -1}, {"b", {}, 1}}));
}

TEST(RecipeOptions, SaysWhatIsWrong) {
  EXPECT_EQ(message_of("octaves", "99"), "--octaves is '99', expected a whole number, 1 to 16");
  EXPECT_EQ(message_of("octaves", "4x"), "--octaves is '4x', expected a whole number, 1 to 16");
  EXPECT_EQ(message_of("step", "nan"), "--step is 'nan', expected 0 to 1000");
  EXPECT_EQ(message_of("precision", "best"), "--precision is 'best', expected exact, fast, half");
  EXPECT_NE(message_of("nothing", "1"), "");
  Recipe recipe;
  EXPECT_THROW(set_option(recipe, "step", {"1", "2"}), BadRecipe);
}

TEST(RecipeOptions, TimesAreReadAsPeopleWriteThem) {
  VideoSettings video;
  const auto start = [&](const std::string& text) {
    set_option(video, "start", {text});
    return video.start;
  };
  EXPECT_EQ(start("62.5"), 62.5);
  EXPECT_EQ(start("62.5s"), 62.5);
  EXPECT_EQ(start("1:02.5"), 62.5);
  EXPECT_EQ(start("00:01:02.5"), 62.5);
  EXPECT_EQ(start("90:00"), 5400);
  EXPECT_EQ(start("2:00:01"), 7201);
  for (const char* wrong : {"1:60", "1:72:00", "1:", ":30", "1:2:3:4", "1:-2", "-1:02", "1.5:00",
                            "1:nan", "1:2x", "::", "s"})
    EXPECT_THROW(start(wrong), BadRecipe) << wrong;
}

TEST(RecipeOptions, WithoutFilesNoneIsOpened) {
  Recipe recipe;
  VideoSettings video;
  EXPECT_THROW(set_option(recipe, "jitter-from", {"/etc/hostname"}), BadRecipe);
  EXPECT_THROW(set_option(video, "timeline", {"/etc/hostname"}), BadRecipe);
}

}  // namespace
}  // namespace reverie
