#include "reverie/recipe/former_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/recipe_values.h"
#include "reverie/recipe/sweep.h"

namespace reverie {
namespace {

// Another value than the default, as JSON.
template <class T>
std::string other_value(const T& value, const Range<T>& range) {
  return recipe_values::number_text(value == range.high ? range.low : range.high);
}
std::string other_value(bool value, const Flag&) { return value ? "false" : "true"; }
template <class T>
std::string other_value(const T& value, const Choice<T>& choice) {
  const Named<T>& last = choice.names.back();
  return '"' + std::string(last.value == value ? choice.names.front().name : last.name) + '"';
}
template <class T, class Domain>
std::string other_value(const T&, const Domain&) {
  return "";  // no such setting has had another name
}

struct Found {
  bool is_recipe = false;
  std::string json;                  // another value than the default
  std::vector<std::string> choices;  // empty when it is no choice
};

template <class T>
std::vector<std::string> names_of(const Choice<T>& choice) {
  std::vector<std::string> names;
  for (const Named<T>& named : choice.names) names.emplace_back(named.name);
  return names;
}
template <class Domain>
std::vector<std::string> names_of(const Domain&) {
  return {};
}

// The setting of a recipe or of a video that has this name.
Found find_setting(const std::string& name) {
  Found found;
  int times = 0;
  const auto look = [&](bool is_recipe) {
    return [&, is_recipe](const auto& value, const Label& label, const auto& domain) {
      if (name != label.name) return;
      ++times;
      found = {is_recipe, other_value(value, domain), names_of(domain)};
    };
  };
  const Recipe recipe;
  const VideoSettings video;
  describe(recipe, look(true));
  describe_video(video, look(false));
  EXPECT_EQ(times, 1) << name;
  return found;
}

std::string object(const std::string& name, const std::string& json) {
  return "{\"" + recipe_values::json_key(name) + "\": " + json + "}";
}
std::string without_quotes(std::string json) {
  std::erase(json, '"');
  return json;
}

TEST(FormerNames, AreOfSettingsThatThereAreAndCollideWithNone) {
  std::set<std::string> present;
  for (const auto& options : {recipe_options(), zoom_options(), video_options(), atlas_options()})
    for (const RecipeOption& option : options) present.insert(option.name);
  std::set<std::string> seen;
  for (const FormerName& row : former_names()) {
    EXPECT_TRUE(present.count(row.setting)) << row.setting;
    if (row.value == nullptr) {
      EXPECT_FALSE(present.count(row.former)) << row.former;
      EXPECT_TRUE(seen.insert(row.former).second) << row.former;
    } else {
      const std::vector<std::string> choices = find_setting(row.setting).choices;
      EXPECT_EQ(std::count(choices.begin(), choices.end(), row.value), 1) << row.value;
      // The mean of "normalise mean" is no value of normalize now
      EXPECT_EQ(std::count(choices.begin(), choices.end(), row.former), 0) << row.former;
    }
  }
}

// The row as JSON of one setting, in its former and in its present form.
std::pair<std::string, std::string> both_forms(const FormerName& row) {
  if (row.value)
    return {object(row.setting, '"' + std::string(row.former) + '"'),
            object(row.setting, '"' + std::string(row.value) + '"')};
  const std::string json = find_setting(row.setting).json;
  return {object(row.former, json), object(row.setting, json)};
}

TEST(FormerNames, EachIsReadInJson) {
  for (const FormerName& row : former_names()) {
    const auto [former, present] = both_forms(row);
    if (find_setting(row.setting).is_recipe) {
      const Recipe recipe = recipe_from_json(former, "x");
      EXPECT_EQ(recipe, recipe_from_json(present, "x")) << former;
      if (!row.value) {
        EXPECT_NE(recipe, Recipe{}) << former;
      }
      const std::string written = recipe_to_json(recipe, -1);
      EXPECT_EQ(written.find("\"" + recipe_values::json_key(row.former) + "\":"), std::string::npos)
          << written;
    } else {
      const VideoSettings video = video_from_json(former, "x");
      EXPECT_EQ(video, video_from_json(present, "x")) << former;
      EXPECT_NE(video, VideoSettings{}) << former;
    }
  }
}

TEST(FormerNames, EachIsReadInTheDocumentOfAnOldDream) {
  for (const FormerName& row : former_names()) {
    const auto [former, present] = both_forms(row);
    const bool is_recipe = find_setting(row.setting).is_recipe;
    const auto document = [&](const std::string& settings) {
      return document_from_json(is_recipe ? R"({"recipe": )" + settings + "}"
                                          : R"({"recipe": {}, "video": )" + settings + "}",
                                "x");
    };
    EXPECT_EQ(document_to_json(document(former)), document_to_json(document(present))) << former;
    EXPECT_EQ(first_difference(document(former), document(present)), "");
  }
}

TEST(FormerNames, EachIsTypedAndSwept) {
  for (const FormerName& row : former_names()) {
    const Found found = find_setting(row.setting);
    const std::string name = row.value ? row.setting : row.former;
    const std::string value = row.value ? row.former : without_quotes(found.json);
    const std::string now = row.value ? row.value : value;
    if (!found.is_recipe) {
      VideoSettings former, present;
      set_option(former, name, {value});
      set_option(present, row.setting, {now});
      EXPECT_EQ(former, present) << name;
      continue;
    }
    Recipe former, present;
    set_option(former, name, {value});
    set_option(present, row.setting, {now});
    EXPECT_EQ(former, present) << name;
    former.octave_mode = OctaveMode::detail;
    if (row.setting == std::string("tiling")) continue;  // needs a tile as well
    Recipe base;
    base.octaves = 1;  // so that every value is valid
    const Sweep sweep = make_sweep(base, {name + "=" + value});
    EXPECT_EQ(sweep.cells[0].label, std::string(row.setting) + " " + now);
  }
}

// As version 0.1 wrote it, with a value in each setting that has had another name.
TEST(FormerNames, ARecipeOfThePreviousVersionIsRead) {
  const Recipe recipe = recipe_from_json(R"({
      "objective": "square", "ladder": "recursion", "keep": 0.5, "normalise": "bands",
      "smooth": "growing-colour", "optimiser": "momentum", "total_variation": 0.1,
      "source_distance": 0.2, "flip": true, "turn": 10.0, "stretch": 1.1, "hold": "tone",
      "colour": "keep", "tiling": "faded"})",
                                         "x");
  Recipe expected;
  expected.objective = Reduction::mean_square;
  expected.octave_mode = OctaveMode::recursive;
  expected.recursion_keep = 0.5;
  expected.normalize = Normalization::laplacian;
  expected.smooth = Smoothing::growing_color;
  expected.optimizer = OptimizerKind::momentum;
  expected.tv_penalty = 0.1;
  expected.source_penalty = 0.2;
  expected.random_flip = true;
  expected.random_rotation = 10;
  expected.random_scale = 1.1;
  expected.match_tone = ToneMatch::full;
  expected.color = Color::keep;
  EXPECT_EQ(recipe, expected);

  const auto value = [](const char* key, const char* name) {
    return recipe_from_json("{\"" + std::string(key) + "\": \"" + name + "\"}", "x");
  };
  EXPECT_EQ(value("objective", "energy").objective, Reduction::l2);
  EXPECT_EQ(value("normalise", "mean").normalize, Normalization::mean_abs);
  EXPECT_EQ(value("normalise", "standard").normalize, Normalization::standardize);
  EXPECT_EQ(value("optimiser", "plain").optimizer, OptimizerKind::ascent);
  const VideoSettings video = video_from_json(R"({"carry": 0.5, "cut": 0.25})", "x");
  EXPECT_EQ(video.temporal_blend, 0.5);
  EXPECT_EQ(video.scene_threshold, 0.25);
}

TEST(FormerNames, KeyframesUnderstandThem) {
  const ZoomSettings zoom = zoom_from_json(
      R"({"timeline": [{"frame": 1, "normalise": "bands", "source_distance": 0.5}]})", "z.json");
  const auto& values = zoom.timeline.keyframes.at(0).values;
  EXPECT_EQ(values.at("normalize"), KeyValue(std::string("laplacian")));
  EXPECT_EQ(values.at("source-penalty"), KeyValue(0.5));
}

TEST(FormerNames, ASettingGivenByBothIsRefused) {
  for (const FormerName& row : former_names()) {
    if (row.value) continue;
    const Found found = find_setting(row.setting);
    const std::string former = recipe_values::json_key(row.former);
    const std::string present = recipe_values::json_key(row.setting);
    const std::string text =
        "{\"" + former + "\": " + found.json + ", \"" + present + "\": " + found.json + "}";
    try {
      if (found.is_recipe)
        recipe_from_json(text, "r.json");
      else
        video_from_json(text, "r.json");
      ADD_FAILURE() << text << " was accepted";
    } catch (const BadRecipe& error) {
      EXPECT_EQ(std::string(error.what()), "r.json: '" + former + "' is the former name of '" +
                                               present + "', and both are given; leave '" + former +
                                               "' out");
    }
  }
}

}  // namespace
}  // namespace reverie
