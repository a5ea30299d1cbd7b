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

}  // namespace
}  // namespace reverie
