// A network's looks: what they amplify, and when their settings count.
#include "reverie/dream/looks.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/dream/dreamer.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/recipe/presets.h"

namespace reverie {
namespace {

Network network_with_looks() {
  Network network;
  network.name = "small";
  network.graph.add("data", Input{}, {});
  for (const char* layer : {"a", "b", "c"})
    network.graph.add(layer, Relu{}, {static_cast<int>(network.graph.layers.size()) - 1});
  network.default_layer = "plain";
  network.looks = {{"plain", "", {{"a", 1}}},
                   {"fish", "", {{"b", 1}, {"c", -0.5}}, {{"octaves", "6"}, {"step", "2.5"}}}};
  network.graph.aliases = {{"plain", 1}, {"fish", 2}};
  return network;
}

Recipe recipe_of(const std::string& layer) {
  Recipe recipe;
  if (!layer.empty()) recipe.layers = {parse_layer_spec(layer)};
  return recipe;
}

TEST(Looks, AreExpandedWithTheirWeights) {
  const Network network = network_with_looks();
  EXPECT_EQ(expand_looks({parse_layer_spec("fish=2"), parse_layer_spec("a")}, network),
            (std::vector<LayerSpec>{{"b", {}, 2}, {"c", {}, -1}, {"a", {}, 1}}));
  const std::vector<LayerSpec> placed =
      expand_looks({parse_layer_spec("fish@at=0.1,0.2@octaves=1-")}, network);
  ASSERT_EQ(placed.size(), 2u);
  EXPECT_EQ(to_string(placed[1]), "c@at=0.1,0.2@octaves=1-=-0.5");
}

TEST(Looks, WithChannelsAreTheirFirstLayer) {
  const Network network = network_with_looks();
  const std::vector<LayerSpec> channels = {parse_layer_spec("fish:3")};
  EXPECT_EQ(expand_looks(channels, network), channels);
  EXPECT_EQ(with_look_settings(recipe_of("fish:3"), network).octaves, Recipe{}.octaves);
}

TEST(Looks, AreWhatADreamAscends) {
  const Network network = network_with_looks();
  EXPECT_EQ(layers_to_dream(recipe_of("fish"), network),
            (std::vector<LayerSpec>{{"b", {}, 1}, {"c", {}, -0.5}}));
  EXPECT_EQ(layers_to_dream(Recipe{}, network), (std::vector<LayerSpec>{{"a", {}, 1}}));
}

TEST(Looks, BringTheirSettings) {
  const Network network = network_with_looks();
  const Recipe recipe = with_look_settings(recipe_of("fish"), network);
  EXPECT_EQ(recipe.octaves, 6);
  EXPECT_EQ(recipe.step, 2.5);
  EXPECT_EQ(with_look_settings(recipe_of("plain"), network), recipe_of("plain"));
  EXPECT_EQ(with_look_settings(recipe_of("b"), network), recipe_of("b"));

  Network fish_by_default = network;
  fish_by_default.default_layer = "fish";
  EXPECT_EQ(with_look_settings(Recipe{}, fish_by_default).octaves, 6);
}

TEST(Looks, LeaveWhatWasChosen) {
  const Network network = network_with_looks();
  Recipe recipe = recipe_of("fish");
  recipe.octaves = 3;
  EXPECT_EQ(with_look_settings(recipe, network).octaves, 3);
  EXPECT_EQ(with_look_settings(recipe, network).step, 2.5);
  // Chosen as the preset has it
  EXPECT_EQ(with_look_settings(recipe_of("fish"), network, {"octaves"}).octaves, Recipe{}.octaves);
}

TEST(Looks, LeaveOtherProgramsAndMixturesAlone) {
  const Network network = network_with_looks();
  Recipe laplacian = load_preset("laplacian");
  laplacian.layers = {parse_layer_spec("fish")};
  EXPECT_EQ(with_look_settings(laplacian, network), laplacian);
  Recipe two = recipe_of("fish");
  two.layers.push_back(parse_layer_spec("plain"));
  EXPECT_EQ(with_look_settings(two, network), two);
  Recipe guided = recipe_of("fish");
  guided.guide = {{"flower.jpg", 1}};
  EXPECT_EQ(with_look_settings(guided, network), guided);
}

TEST(Looks, WithSettingsThatDoNotExist) {
  Network network = network_with_looks();
  network.looks[1].settings = {{"octave", "6"}};
  expect_error<BadModel>([&] { with_look_settings(recipe_of("fish"), network); },
                         {"network 'small'", "look 'fish'", "octave"});
}

}  // namespace
}  // namespace reverie
