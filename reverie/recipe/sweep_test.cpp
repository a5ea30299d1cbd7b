#include "reverie/recipe/sweep.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

std::string message_of(const std::vector<std::string>& axes) {
  try {
    make_sweep(Recipe{}, axes);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(Sweep, CrossesItsAxes) {
  const Sweep sweep = make_sweep(Recipe{}, {"layer=3b/output,4c/output", "step=1,1.5,2"});
  ASSERT_EQ(sweep.cells.size(), 6u);
  EXPECT_EQ(sweep.columns, 3);
  EXPECT_EQ(sweep.cells[1].label, "layer 3b/output, step 1.5");
  EXPECT_EQ(sweep.cells[3].recipe.layers, (std::vector<LayerSpec>{{"4c/output", {}, 1}}));
  EXPECT_EQ(sweep.cells[3].recipe.step, 1);
  EXPECT_EQ(sweep.cells[3].recipe.octaves, Recipe{}.octaves);
}

TEST(Sweep, TakesCommasInValuesAndFlags) {
  const Sweep sweep = make_sweep(Recipe{}, {"layer=4c:1,2;4c:3", "clip=yes,no"});
  ASSERT_EQ(sweep.cells.size(), 4u);
  EXPECT_EQ(sweep.cells[0].recipe.layers[0].channels, (std::vector<int>{1, 2}));
  EXPECT_TRUE(sweep.cells[2].recipe.clip);
  EXPECT_FALSE(sweep.cells[3].recipe.clip);
}

TEST(Sweep, SaysWhatIsWrong) {
  EXPECT_NE(message_of({"step"}).find("expected SETTING=VALUE"), std::string::npos);
  EXPECT_NE(message_of({"stap=1"}).find("the nearest is 'step'"), std::string::npos);
  EXPECT_NE(message_of({"step=1,x"}).find("--step is 'x'"), std::string::npos);
  EXPECT_NE(message_of({"step=1", "step=2"}).find("swept twice"), std::string::npos);
  EXPECT_NE(message_of({"model=a,b"}).find("the same for all"), std::string::npos);
  EXPECT_NE(message_of({"octaves-above=1,9"}).find("--octaves-above"), std::string::npos);
  EXPECT_NE(message_of({"octaves-above=1,4"}).find("less than octaves"), std::string::npos);
  std::string many = "step=0";
  for (int i = 1; i < 300; ++i) many += "," + std::to_string(i);
  EXPECT_NE(message_of({many, "octaves=1,2"}).find("more than 400"), std::string::npos);
}

}  // namespace
}  // namespace reverie
