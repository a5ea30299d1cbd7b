#include "reverie/graph/network_end.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/graph/small_graph_fixture.h"

namespace reverie {
namespace {

Weights zeros(Shape shape) { return std::make_shared<const Tensor>(shape); }

// "b" of the small graph, then something unknown, what depends on it, and what does not.
Graph ending_graph() {
  Graph graph = small_graph();
  graph.add("strange", UnknownLayer{"Strange"}, {2});
  graph.add("after", Relu{}, {3});
  graph.add("beside", Relu{}, {2});
  graph.add("stranger", UnknownLayer{"Stranger"}, {5});
  return graph;
}

TEST(NetworkEnd, IsTheFirstLayerThatIsNotUnderstood) {
  EXPECT_FALSE(network_end(small_graph()));
  const auto end = network_end(ending_graph());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->layer, "strange");
  EXPECT_EQ(end->type, "Strange");
  EXPECT_EQ(end->layers_beyond, 3);
  EXPECT_EQ(end->layers, 6);
  EXPECT_EQ(describe(*end, "net"),
            "network 'net' ends at layer 'strange' (Strange), which Reverie does not know, so that "
            "3 of its 6 layers cannot be computed; dream on one before it, or export the network "
            "without it (docs/networks.md says what is read)");
  EXPECT_EQ(computable_layers(ending_graph()),
            (std::vector<bool>{true, true, true, false, false, true, false}));
}

std::string refusal(const Graph& graph, int target) {
  try {
    prepare(graph, {target});
  } catch (const Unsupported& error) {
    return error.what();
  }
  return "";
}

// The one on the way to the layer, not the first of the network
TEST(NetworkEnd, IsNamedWhereALayerBeyondItIsAskedFor) {
  const Graph graph = ending_graph();
  EXPECT_NE(refusal(graph, 4).find("layer 'after' cannot be computed: network 'small' ends at "
                                   "layer 'strange' (Strange)"),
            std::string::npos)
      << refusal(graph, 4);
  EXPECT_NE(refusal(graph, 6).find("'stranger' (Stranger)"), std::string::npos);
  EXPECT_EQ(refusal(graph, 5), "");
}

TEST(NetworkEnd, LayersThatFitAtNoSizeBecomeUnknown) {
  const Window one{1, 1, 1, 1, 1, 1, {}};
  Graph graph = small_graph();
  graph.add("narrow", Convolution{one, 1, zeros({8, 5, 1, 1}), {}, {}}, {2});
  graph.add("after", Relu{}, {3});
  graph.add("different", Eltwise{}, {1, 2});
  // Not a matter of the file: sizes of pictures
  graph.add("classifier", InnerProduct{zeros({2, 4 * 7 * 7}), {}}, {2});
  graph.add("wide", Pool{Pool::Kind::max, {600, 600, 1, 1, 1, 1, {}}}, {0});
  replace_misfits(graph);
  EXPECT_EQ(std::get<UnknownLayer>(graph.layers[3].op).type,
            "convolution: weights [8,5,1,1] do not fit 4 input channels in 1 groups and a 1x1 "
            "kernel");
  EXPECT_TRUE(std::holds_alternative<Relu>(graph.layers[4].op));
  EXPECT_TRUE(std::holds_alternative<UnknownLayer>(graph.layers[5].op));
  EXPECT_TRUE(std::holds_alternative<InnerProduct>(graph.layers[6].op));
  EXPECT_TRUE(std::holds_alternative<Pool>(graph.layers[7].op));
}

// A branch that is padded to fit may fit at some sizes only
TEST(NetworkEnd, LayersThatFitAtSomeSizeStay) {
  const Window halving{2, 2, 2, 2, 1, 1, {}};
  const Window padded{2, 2, 2, 2, 1, 1, {Padding::Rule::given, 0, 0, 1, 1}};
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("down", Pool{Pool::Kind::max, halving}, {0});
  graph.add("up", Pool{Pool::Kind::max, padded}, {0});
  graph.add("sum", Eltwise{}, {1, 2});
  replace_misfits(graph);
  EXPECT_TRUE(std::holds_alternative<Eltwise>(graph.layers[3].op));
  EXPECT_NO_THROW(infer_shapes(graph, 64, 64));
  EXPECT_THROW(infer_shapes(graph, 65, 65), BadShape);
}

}  // namespace
}  // namespace reverie
