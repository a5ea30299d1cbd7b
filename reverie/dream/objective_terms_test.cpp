#include "reverie/dream/objective_terms.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "reverie/base/error.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

// A file of the test's own that is gone afterwards.
struct Scratch {
  Scratch(const std::string& name, const std::string& text)
      : path((std::filesystem::temp_directory_path() / ("reverie_terms_test_" + name)).string()) {
    std::ofstream(path) << text;
  }
  ~Scratch() { std::filesystem::remove(path); }
  std::string path;
};

Network classifier() {
  Network network;
  network.name = "small";
  network.graph.add("data", Input{}, {});
  network.graph.add("features", Relu{}, {0});
  network.graph.add("logits", Relu{}, {1});
  network.graph.add("prob", Softmax{}, {2});
  network.default_layer = "features";
  return network;
}

std::string message_of(const std::string& name, const std::string& labels) {
  try {
    class_channel(name, labels);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Classes, AreChannelsOfWhatTheSoftmaxReads) {
  Recipe recipe;
  recipe.layers = {parse_layer_spec("@class=2=-3")};
  const Objective objective = objective_of(recipe, classifier(), {});
  EXPECT_EQ(objective.terms[0].layer, "logits");
  EXPECT_EQ(objective.terms[0].channels, (std::vector<int>{2}));
  EXPECT_EQ(objective.terms[0].reduction, Reduction::mean);
  EXPECT_EQ(objective.terms[0].weight, -3);
  Network without;
  without.graph.add("data", Input{}, {});
  EXPECT_THROW(class_layer(without), BadRecipe);
}

TEST(Classes, AreFoundByLabel) {
  const Scratch labels("labels.txt",
                       "n01440764 tench, Tinca tinca\nn02123045 tabby, tabby cat\npug\n");
  EXPECT_EQ(class_channel("17", ""), 17);
  EXPECT_EQ(class_channel("Tabby Cat", labels.path), 1);
  EXPECT_EQ(class_channel("tinca tinca", labels.path), 0);
  EXPECT_EQ(class_channel("tabby, tabby cat", labels.path), 1);
  EXPECT_EQ(class_channel("pug", labels.path), 2);
  EXPECT_NE(message_of("tabbi", labels.path).find("nearest are tabby"), std::string::npos);
  EXPECT_NE(message_of("pug", "").find("--labels"), std::string::npos);
  EXPECT_NE(message_of("pug", "nowhere.txt").find("nowhere.txt"), std::string::npos);
}

TEST(Directions, AreReadFromBothForms) {
  const Scratch json("d.json", "[1, -0.5, 2]");
  EXPECT_EQ(read_direction(json.path), (std::vector<float>{1, -0.5f, 2}));
  Tensor numbers({2});
  numbers[1] = 3;
  const Scratch npy("d.npy", "");
  write_npy(npy.path, numbers);
  EXPECT_EQ(read_direction(npy.path), (std::vector<float>{0, 3}));
  const Scratch text("bad.json", "[1, \"two\"]");
  EXPECT_THROW(read_direction(text.path), BadRecipe);
  EXPECT_THROW(read_direction("nowhere.json"), FileFailure);
}

TEST(Masks, AreReadForEachTerm) {
  const Scratch mask("mask.pgm", std::string("P5\n2 1\n255\n") + '\xFF' + '\x33');
  Recipe recipe;
  recipe.layers = {parse_layer_spec("features@mask=" + mask.path), parse_layer_spec("logits")};
  const Objective objective = objective_of(recipe, classifier(), {});
  ASSERT_TRUE(objective.terms[0].mask);
  EXPECT_EQ(objective.terms[0].mask->shape(), (Shape{1, 1, 2}));
  EXPECT_EQ((*objective.terms[0].mask)[0], 1.f);
  EXPECT_NEAR((*objective.terms[0].mask)[1], 0.2, 1e-6);
  EXPECT_FALSE(objective.terms[1].mask);
  recipe.layers = {parse_layer_spec("features@mask=nowhere.png")};
  EXPECT_THROW(objective_of(recipe, classifier(), {}), FileFailure);
}

TEST(Guides, SayWhatTheyAreMatchedIn) {
  Recipe recipe;
  recipe.guide = {{"flowers.png", 1}};
  std::string heard;
  objective_of(recipe, classifier(), [&](const std::string& line) { heard += line; });
  EXPECT_NE(heard.find("matching it in features (--layer chooses another)"), std::string::npos)
      << heard;
}

TEST(Guides, CountWhereTheyAreOpaque) {
  Tensor features({2, 2, 2});
  for (std::int64_t i = 0; i < 8; ++i) features[i] = static_cast<float>(i);
  Image guide{Tensor({3, 8, 8}), Tensor({1, 8, 8})};
  for (std::int64_t y = 0; y < 8; ++y)
    for (std::int64_t x = 4; x < 8; ++x) guide.alpha.view().at(0, y, x) = 255;
  const Tensor kept = visible_features(features, guide, "g");
  EXPECT_EQ(kept.shape(), (Shape{2, 1, 2}));
  const float expected[] = {1, 3, 5, 7};
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(kept[i], expected[i]);
  EXPECT_EQ(visible_features(features, {Tensor({3, 8, 8}), {}}, "g").size(), 8);
  guide.alpha = Tensor({1, 8, 8});
  EXPECT_THROW(visible_features(features, guide, "g"), BadRecipe);
}

}  // namespace
}  // namespace reverie
