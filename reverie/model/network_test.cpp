#include "reverie/model/network.h"

#include <gtest/gtest.h>

#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"

namespace reverie {
namespace {

TEST(Network, TheOneInsideOpens) {
  const Network network = open_network("");
  EXPECT_EQ(network.name, "reverie-0");
  const int target = network.graph.find(network.default_layer);
  ASSERT_GE(target, 0);
  const auto shapes = infer_shapes(network.graph, 224, 224);
  EXPECT_EQ(shapes[static_cast<std::size_t>(target)], (Shape{512, 14, 14}));
}

TEST(Network, GoogLeNetOpens) {
  NetworkOptions options;
  options.weights_folder = REVERIE_TEST_DATA "/models";
  if (!std::filesystem::exists(options.weights_folder / "googlenet"))
    GTEST_SKIP() << "no networks in " << options.weights_folder;
  const Network network = open_network("googlenet", options);
  const auto shapes = infer_shapes(network.graph, 224, 224);
  EXPECT_EQ(shapes.back(), (Shape{1000, 1, 1}));
  EXPECT_EQ(network.default_layer, "inception_4c/output");
}

}  // namespace
}  // namespace reverie
