#include "reverie/recipe/settings_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "reverie/recipe/former_names.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie {
namespace {

using Json = nlohmann::json;

const Json& tree() {
  static const Json settings = Json::parse(settings_json());
  return settings;
}

const Json& setting(const char* list, const std::string& name) {
  for (const Json& one : tree()[list])
    if (one["name"] == name) return one;
  throw std::runtime_error("no setting " + name);
}

TEST(SettingsJson, HasEverySettingOnce) {
  const std::pair<const char*, std::vector<RecipeOption>> lists[] = {{"recipe", recipe_options()},
                                                                     {"zoom", zoom_options()},
                                                                     {"video", video_options()},
                                                                     {"atlas", atlas_options()}};
  for (const auto& [list, options] : lists) {
    ASSERT_EQ(tree()[list].size(), options.size()) << list;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const Json& one = tree()[list][i];
      EXPECT_EQ(one["name"], options[i].name);
      EXPECT_EQ(one["form"], options[i].form);
      for (const char* key : {"group", "help", "kind"})
        EXPECT_FALSE(one[key].get<std::string>().empty()) << one["name"] << ": no " << key;
    }
  }
}

TEST(SettingsJson, SettingsOfAGroupStandTogether) {
  for (const char* list : {"recipe", "zoom", "video", "atlas"}) {
    std::set<std::string> seen;
    std::string last;
    for (const Json& one : tree()[list]) {
      if (one["group"] == last) continue;
      last = one["group"];
      EXPECT_TRUE(seen.insert(last).second) << list << ": " << last << " comes back";
    }
  }
}

TEST(SettingsJson, SaysRangesAndScales) {
  const Json& octaves = setting("recipe", "octaves");
  EXPECT_EQ(octaves["kind"], "integer");
  EXPECT_EQ(octaves["low"], 1);
  EXPECT_EQ(octaves["high"], 16);
  EXPECT_EQ(octaves["step"], 1);
  EXPECT_EQ(octaves["scale"], "linear");
  EXPECT_EQ(octaves["default"], 4);
  EXPECT_EQ(setting("recipe", "iterations")["scale"], "log");
  EXPECT_EQ(setting("recipe", "octave-scale")["kind"], "number");
  EXPECT_EQ(setting("recipe", "mask-feather")["unit"], "px");
  EXPECT_EQ(setting("recipe", "mask-invert")["kind"], "flag");
  EXPECT_EQ(setting("zoom", "zoom")["default"], "1.012x");
  EXPECT_EQ(setting("atlas", "size")["default"], 128);
}

TEST(SettingsJson, DefaultsAreThoseOfPresetsAndCommands) {
  EXPECT_EQ(setting("recipe", "octaves")["presets"]["hvass"], 5);
  EXPECT_EQ(setting("recipe", "octaves")["presets"]["classic"], 4);
  EXPECT_EQ(setting("recipe", "jitter")["presets"]["hvass"], 32);
  EXPECT_EQ(setting("recipe", "jitter")["faithful"]["hvass"], 0);
  EXPECT_EQ(tree()["commands"]["zoom"]["octaves"], 3);
  EXPECT_EQ(tree()["commands"]["video"]["match_tone"], "mean");
  EXPECT_FALSE(tree()["commands"]["video"].contains("octaves"));
}

TEST(SettingsJson, EveryChoiceHasALineAndIsRead) {
  for (const Json& one : tree()["recipe"]) {
    EXPECT_EQ(one.contains("choices"), one["kind"] == "choice") << one["name"];
    if (!one.contains("choices")) continue;
    for (const Json& choice : one["choices"]) {
      EXPECT_FALSE(choice["help"].get<std::string>().empty()) << one["name"] << choice["name"];
      Recipe recipe;
      EXPECT_NO_THROW(set_option(recipe, one["name"], {choice["name"].get<std::string>()}));
    }
  }
}

TEST(SettingsJson, SaysWhichMayReadAFile) {
  std::set<std::string> names;
  for (const char* list : {"recipe", "zoom", "video", "atlas"})
    for (const Json& one : tree()[list])
      if (one["reads_file"].get<bool>()) names.insert(one["name"]);
  EXPECT_EQ(names, (std::set<std::string>{"preset", "model", "layer", "labels", "guide", "mask",
                                          "jitter-from", "timeline", "sound"}));
}

TEST(SettingsJson, ConditionsNameSettingsAndTheirValues) {
  int conditions = 0;
  for (const char* list : {"recipe", "zoom", "video"})
    for (const Json& one : tree()[list]) {
      if (!one.contains("needs")) continue;
      ++conditions;
      const Json& needs = one["needs"];
      const Json& other = setting(list, needs["setting"]);
      const std::string value = needs.contains("is") ? needs["is"] : needs["is_not"];
      if (!other.contains("choices")) continue;
      bool is_choice = false;
      for (const Json& choice : other["choices"]) is_choice |= choice["name"] == value;
      EXPECT_TRUE(is_choice) << one["name"] << ": " << value;
    }
  EXPECT_GE(conditions, 8);
  EXPECT_EQ(setting("recipe", "momentum")["needs"],
            (Json{{"setting", "optimizer"}, {"is_not", "ascent"}}));
}

TEST(SettingsJson, HasEveryFormerName) {
  for (const FormerName& row : former_names()) {
    const bool is_video = row.setting == std::string("temporal-blend") ||
                          row.setting == std::string("scene-threshold");
    const Json& former = setting(is_video ? "video" : "recipe", row.setting)["former"];
    if (row.value)
      EXPECT_EQ(former["values"][row.former], row.value);
    else
      EXPECT_EQ(former["names"], Json::array({row.former}));
  }
}

TEST(SettingsMarkdown, IsWhatStandsInTheManual) {
  std::ifstream file(REVERIE_SOURCE_DIR "/docs/settings.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(manual, settings_markdown())
      << "docs/settings.md is not current: reverie options --markdown > docs/settings.md";
}

}  // namespace
}  // namespace reverie
