#include "reverie/gradient/objective.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

Graph two_layers() {
  Graph graph;
  graph.name = "small";
  graph.add("data", Input{}, {});
  graph.add("conv", Convolution{{}, 1, std::make_shared<const Tensor>(Shape{6, 3, 1, 1}), {}, {}},
            {0});
  graph.add("relu", Relu{}, {1});
  graph.add("strange", UnknownLayer{"Spline"}, {2});
  return graph;
}

std::string message_of(const Objective& objective) {
  try {
    bind(objective, two_layers());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Objective, BindsTermsToTargets) {
  const BoundObjective bound = bind(
      {{{"relu", {}, 1, {}}, {"conv", {5, 1, 5}, -2, {}}, {"relu", {0}, 3, {}}}}, two_layers());
  EXPECT_EQ(bound.layers, (std::vector<int>{2, 1}));
  ASSERT_EQ(bound.terms.size(), 3u);
  EXPECT_EQ(bound.terms[0].channels.size(), 6u);
  EXPECT_EQ(bound.terms[1].channels, (std::vector<int>{1, 5}));
  EXPECT_EQ(bound.terms[2].target, 0);
}

TEST(Objective, SaysWhatIsWrong) {
  EXPECT_NE(message_of({}).find("no layer"), std::string::npos);
  EXPECT_NE(message_of({{{"conw", {}, 1, {}}}}).find("the nearest names are conv"),
            std::string::npos);
  EXPECT_NE(message_of({{{"conv", {6}, 1, {}}}})
                .find("channel 6 of layer 'conv' does not exist: its channels are 0 to 5"),
            std::string::npos);
  EXPECT_NE(message_of({{{"conv", {}, 0, {}}}}).find("weight"), std::string::npos);
  EXPECT_NE(message_of({{{"strange", {}, 1, {}}}}).find("Spline"), std::string::npos);
}

TEST(Objective, RefusesPlacesAndDirectionsThatDoNotFit) {
  Objective objective{{{"conv", {}, 1, {}}}};
  objective.terms[0].at = Place{0.5, 2};
  EXPECT_NE(message_of(objective).find("0.5,2 of layer 'conv'"), std::string::npos);
  objective.terms[0].at = {};
  objective.terms[0].direction = std::make_shared<const std::vector<float>>(4);
  EXPECT_NE(message_of(objective).find("has 4 numbers, expected 6"), std::string::npos);
}

TEST(Objective, HasAtEachOctaveTheTermsThatAreMeant) {
  Term early{"conv", {}, 1, {}}, plugin_function{"relu", {}, 1, {}};
  early.octaves = {0, 1};
  plugin_function.octaves = {1, 2};
  const auto bound =
      std::make_shared<const BoundObjective>(bind({{early, plugin_function}}, two_layers()));
  EXPECT_EQ(at_octave(bound, 0)->terms.size(), 1u);
  EXPECT_EQ(at_octave(bound, 1), bound);
  EXPECT_EQ(at_octave(bound, 2)->terms[0].target, 1);
  EXPECT_EQ(at_octave(bound, 2)->layers, bound->layers);
  EXPECT_THROW(at_octave(bound, 3), BadRecipe);
}

}  // namespace
}  // namespace reverie
