#include "reverie/graph/graph.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(Graph, FindsLayersByNameAndAlias) {
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("relu", Relu{}, {0});
  graph.aliases["activation"] = 1;
  EXPECT_EQ(graph.find("relu"), 1);
  EXPECT_EQ(graph.find("activation"), 1);
  EXPECT_EQ(graph.find("nothing"), -1);
}

TEST(Graph, RefusesWhatCannotBeComputedInOrder) {
  Graph graph;
  graph.name = "trial";
  graph.add("data", Input{}, {});
  EXPECT_THROW(graph.add("data", Relu{}, {0}), BadModel);
  EXPECT_THROW(graph.add("relu", Relu{}, {1}), BadModel);
  EXPECT_THROW(graph.add("relu", Relu{}, {-1}), BadModel);
  EXPECT_EQ(graph.layers.size(), 1u);
}

}  // namespace
}  // namespace reverie
