#include "reverie/dream/files_on_disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "reverie/base/error.h"
#include "reverie/dream/dreamer.h"
#include "reverie/dream/objective_terms.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/sweep.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Knows what was put into it by name, and not one path.
class Assets : public RecipeFiles {
 public:
  Image picture(const std::string& name, const NoticeSink&) const override {
    const auto found = pictures.find(name);
    if (found == pictures.end()) throw FileFailure("no asset '" + name + "'");
    return found->second.clone();
  }
  std::string bytes(const std::string& name) const override {
    const auto found = texts.find(name);
    if (found == texts.end()) throw FileFailure("no asset '" + name + "'");
    return found->second;
  }

  std::map<std::string, Image> pictures;
  std::map<std::string, std::string> texts;
};

std::shared_ptr<Assets> some_assets() {
  auto assets = std::make_shared<Assets>();
  assets->pictures["asset:picture"] = cloudscape(64, 64, 3);
  assets->texts["asset:jitter"] = "[[3, -4], [0, 32]]";
  assets->texts["asset:timeline"] = R"([{"frame": 3, "strength": 2}])";
  assets->texts["asset:labels"] = "tench\ntabby cat\n";
  assets->texts["asset:direction"] = "[1, -0.5, 2]";
  return assets;
}

Network classifier() {
  Network network;
  network.graph.add("data", Input{}, {});
  network.graph.add("logits", Relu{}, {0});
  network.graph.add("prob", Softmax{}, {1});
  network.default_layer = "logits";
  return network;
}

Recipe short_recipe() {
  Recipe recipe;
  recipe.octaves = 1;
  recipe.iterations = 1;
  recipe.layers = {{"3b/output", {}, 1}};
  return recipe;
}

TEST(RecipeFiles, OptionsReadThemFromTheStore) {
  const auto assets = some_assets();
  Recipe recipe;
  set_option(recipe, "jitter-from", {"asset:jitter"}, assets.get());
  EXPECT_EQ(recipe.jitter_from, (std::vector<Offset>{{3, -4}, {0, 32}}));
  EXPECT_THROW(set_option(recipe, "jitter-from", {"asset:labels"}, assets.get()), BadRecipe);
  EXPECT_THROW(set_option(recipe, "jitter-from", {"/etc/hostname"}, assets.get()), FileFailure);
  const Sweep sweep = make_sweep({}, {"jitter-from=asset:jitter"}, assets.get());
  EXPECT_EQ(sweep.cells[0].recipe.jitter_from.size(), 2u);

  ZoomSettings zoom;
  VideoSettings video;
  set_option(zoom, "timeline", {"asset:timeline"}, assets.get());
  set_option(video, "timeline", {"asset:timeline"}, assets.get());
  ASSERT_EQ(zoom.timeline.keyframes.size(), 1u);
  EXPECT_EQ(zoom.timeline.keyframes[0].values.at("strength"), KeyValue(2.0));
  EXPECT_EQ(video.timeline.keyframes, zoom.timeline.keyframes);
  EXPECT_THROW(set_option(zoom, "timeline", {"/etc/hostname"}, assets.get()), FileFailure);
}

TEST(RecipeFiles, ObjectivesReadThemFromTheStore) {
  const auto assets = some_assets();
  Recipe recipe;
  recipe.labels = "asset:labels";
  recipe.layers = {parse_layer_spec("@class=tabby cat"),
                   parse_layer_spec("logits@direction=asset:direction"),
                   parse_layer_spec("logits@mask=asset:picture")};
  const Objective objective = objective_of(recipe, classifier(), {}, *assets);
  EXPECT_EQ(objective.terms[0].channels, (std::vector<int>{1}));
  EXPECT_EQ(*objective.terms[1].direction, (std::vector<float>{1, -0.5f, 2}));
  EXPECT_EQ(objective.terms[2].mask->shape(), (Shape{1, 64, 64}));
}

// What a dream with `change` and only these files ends with; empty when it dreams.
template <class Change>
std::string refusal(const Change& change) {
  Recipe recipe = short_recipe();
  change(recipe);
  try {
    Dreamer dreamer(open_network(""), recipe, Device::automatic, {}, some_assets());
    dreamer.dream(cloudscape(64, 64, 1), {});
  } catch (const FileFailure& error) {
    return error.what();
  }
  return "";
}

TEST(RecipeFiles, ADreamerOpensWhatTheStoreHasAndNoPath) {
  // A picture that is there, as a path
  const fs::path path = fs::temp_directory_path() / "reverie_files_on_disk_test.json";
  std::ofstream(path) << "[1]";
  const std::string there = path.string();
  const auto each = [](const std::string& name, const auto& look) {
    look([&](Recipe& r) { r.mask = name; });
    look([&](Recipe& r) { r.guide = {{name, 1}}; });
    look([&](Recipe& r) { r.layers[0].mask = name; });
  };
  each("asset:picture", [](const auto& change) { EXPECT_EQ(refusal(change), ""); });
  const std::string refused = "no asset '" + there + "'";
  each(there, [&](const auto& change) { EXPECT_EQ(refusal(change), refused); });
  EXPECT_EQ(refusal([&](Recipe& r) { r.layers[0].direction = there; }), refused);
  EXPECT_EQ(refusal([&](Recipe& r) {
              r.labels = there;
              r.layers[0].class_name = "dog";
            }),
            refused);
  fs::remove(path);
}

TEST(FilesOnDisk, ReadPaths) {
  const fs::path path = fs::temp_directory_path() / "reverie_files_on_disk_test.txt";
  std::ofstream(path) << "two\nlines";
  EXPECT_EQ(files_on_disk()->bytes(path.string()), "two\nlines");
  fs::remove(path);
  EXPECT_THROW(files_on_disk()->bytes(path.string()), FileFailure);
  EXPECT_THROW(files_on_disk()->bytes(fs::temp_directory_path().string()), FileFailure);
  EXPECT_THROW(files_on_disk()->picture(path.string(), {}), FileFailure);
}

}  // namespace
}  // namespace reverie
