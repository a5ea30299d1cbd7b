// What settings_json() says of when a setting has no effect is true.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reverie/base/error.h"
#include "reverie/dream/dreamer.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/settings_json.h"

namespace reverie {
namespace {

using Json = nlohmann::json;

// Any name is the same picture.
class OnePicture : public RecipeFiles {
 public:
  Image picture(const std::string&, const NoticeSink&) const override {
    return cloudscape(48, 48, 7);
  }
  std::string bytes(const std::string& name) const override { throw FileFailure(name); }
};

Json base() {
  return {{"layer", "3b/output"}, {"octaves", 2}, {"octave_scale", 1.3},
          {"iterations", 1},      {"jitter", 3},  {"seed", 5}};
}

// The dream's pixels; empty where the recipe is refused.
std::vector<float> dream(const Json& recipe) {
  try {
    Dreamer dreamer(open_network(""), recipe_from_json(recipe.dump(), "test"), Device::automatic,
                    {}, std::make_shared<OnePicture>());
    const DreamResult result = dreamer.dream(cloudscape(64, 64, 1), {});
    const auto pixels = result.frame.color.elements();
    return {pixels.begin(), pixels.end()};
  } catch (const BadRecipe&) {
    return {};
  }
}

// Makes the condition fail.
void unmeet(const Json& needs, Json& recipe) {
  std::string key = needs["setting"];
  std::replace(key.begin(), key.end(), '-', '_');
  if (needs.contains("is_not")) {
    const std::string value = needs["is_not"];
    if (key == "octaves")
      recipe[key] = std::stoi(value);
    else if (!value.empty())
      recipe[key] = value;
  } else if (key == "guide") {
    recipe[key] = "picture.png";
  } else if (key == "jitter_from") {
    recipe[key] = {{1, 2}, {-3, 4}};
  }  // else the default is another value already
}

Json another_value(const Json& setting, const Json& now) {
  if (setting["kind"] == "flag") return !now.get<bool>();
  if (setting.contains("choices")) {
    const Json& last = setting["choices"].back()["name"];
    return last == now ? setting["choices"].front()["name"] : last;
  }
  return setting["high"] == now ? setting["low"] : setting["high"];
}

TEST(Needs, ASettingWhoseConditionFailsIsRefusedOrHasNoEffect) {
  int tried = 0;
  const Json settings = Json::parse(settings_json());
  for (const Json& setting : settings["recipe"]) {
    if (!setting.contains("needs")) continue;
    ++tried;
    const std::string key = setting["key"];
    Json recipe = base();
    unmeet(setting["needs"], recipe);
    const std::vector<float> without = dream(recipe);
    ASSERT_FALSE(without.empty()) << key << ": " << recipe;
    recipe[key] = another_value(setting, recipe.value(key, setting["default"]));
    const std::vector<float> with = dream(recipe);
    if (!with.empty()) {
      EXPECT_TRUE(with == without) << recipe;
    }
  }
  EXPECT_GE(tried, 10);
}

}  // namespace
}  // namespace reverie
