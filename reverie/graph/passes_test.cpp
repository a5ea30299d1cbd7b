// That passes keep the values is checked with the plans; here, what they make of the graph.
#include "reverie/graph/passes.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

Weights filled(Shape shape, float value) {
  Tensor t(shape);
  for (float& v : t.elements()) v = value;
  return std::make_shared<const Tensor>(std::move(t));
}

// data -> conv -> bn -> scale -> relu -> {left, right}; relu -> odd (unknown)
Graph branched() {
  Graph graph;
  graph.name = "branched";
  graph.add("data", Input{}, {});
  graph.add("conv", Convolution{{}, 1, filled({2, 3, 1, 1}, 2), filled({2}, 1), {}}, {0});
  graph.add("bn", Affine{filled({2}, 3), filled({2}, 5)}, {1});
  graph.add("scale", Affine{filled({2}, 7), filled({2}, 11)}, {2});
  graph.add("relu", Relu{0.1f}, {3});
  graph.add("left", Convolution{{}, 1, filled({2, 2, 1, 1}, 1), {}, {}}, {4});
  graph.add("right", Relu{}, {4});
  graph.add("odd", UnknownLayer{"Spline"}, {4});
  graph.aliases["activation"] = 4;
  return graph;
}

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> list;
  for (const Layer& layer : graph.layers) list.push_back(layer.name);
  return list;
}

using Names = std::vector<std::string>;

TEST(Passes, PruneKeepsWhatTargetsNeed) {
  const PassResult pruned = prune(branched(), {6});
  EXPECT_EQ(names(pruned.graph), (Names{"data", "conv", "bn", "scale", "relu", "right"}));
  EXPECT_EQ(pruned.targets, (std::vector<int>{5}));
  EXPECT_EQ(pruned.graph.find("activation"), 4);
  EXPECT_EQ(prune(branched(), {0}).graph.layers.size(), 1u);
}

TEST(Passes, FoldsAffinesIntoTheConvolution) {
  const PassResult folded = fold_affine(prune(branched(), {6}).graph, {5});
  EXPECT_EQ(names(folded.graph), (Names{"data", "scale", "relu", "right"}));
  const auto& conv = std::get<Convolution>(folded.graph.layers[1].op);
  EXPECT_EQ((*conv.weights)[0], 2 * 3 * 7);
  EXPECT_EQ((*conv.bias)[0], (1 * 3 + 5) * 7 + 11);
  // The graph that was given keeps its weights
  EXPECT_EQ((*std::get<Convolution>(branched().layers[1].op).weights)[0], 2);
}

TEST(Passes, DoesNotFoldAValueThatIsAskedFor) {
  const PassResult folded = fold_affine(prune(branched(), {2, 6}).graph, {2, 5});
  EXPECT_EQ(names(folded.graph), (Names{"data", "bn", "scale", "relu", "right"}));
  EXPECT_EQ(folded.targets, (std::vector<int>{1, 4}));
}

TEST(Passes, FusesReluWhereNobodyElseReads) {
  const PassResult ready = prepare(branched(), {5, 6});
  EXPECT_EQ(names(ready.graph), (Names{"data", "relu", "left", "right"}));
  EXPECT_EQ(std::get<Convolution>(ready.graph.layers[1].op).relu, 0.1f);
  // Asked for before its ReLU, a convolution stays apart
  EXPECT_EQ(names(prepare(branched(), {3, 4}).graph), (Names{"data", "scale", "relu"}));
}

TEST(Passes, ReluWithACeilingStays) {
  Graph graph = branched();
  graph.layers[4].op = Relu{0, 6};
  EXPECT_EQ(names(prepare(graph, {4}).graph), (Names{"data", "scale", "relu"}));
}

// data -> conv -> gate; conv * gate
Graph gated(const Activation& gate, bool gate_first) {
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("conv", Convolution{{}, 1, filled({2, 3, 1, 1}, 2), filled({2}, 1), {}}, {0});
  graph.add("gate", gate, {1});
  graph.add("open", Eltwise{Eltwise::Operation::product, {}},
            gate_first ? std::vector{2, 1} : std::vector{1, 2});
  return graph;
}

TEST(Passes, AValueTimesItsOwnSigmoidIsOneActivation) {
  using Function = Activation::Function;
  for (const bool gate_first : {false, true}) {
    const PassResult ready = prepare(gated({Function::sigmoid}, gate_first), {3});
    EXPECT_EQ(names(ready.graph), (Names{"data", "conv", "open"}));
    EXPECT_EQ(std::get<Activation>(ready.graph.layers[2].op).function, Function::silu);
    EXPECT_EQ(ready.graph.layers[2].inputs, (std::vector<int>{1}));
  }
  const PassResult hard = prepare(gated({Function::hard_sigmoid, 1.f / 6, 0.5f}, true), {3});
  EXPECT_EQ(std::get<Activation>(hard.graph.layers[2].op).function, Function::hard_swish);
}

TEST(Passes, GatesOfOtherKindsStay) {
  using Function = Activation::Function;
  const auto layers = [](const Graph& graph, const std::vector<int>& targets) {
    return prepare(graph, targets).graph.layers.size();
  };
  EXPECT_EQ(layers(gated({Function::sigmoid}, false), {2, 3}), 4u);
  EXPECT_EQ(layers(gated({Function::tanh}, false), {3}), 4u);
  EXPECT_EQ(layers(gated({Function::hard_sigmoid, 0.2f, 0.5f}, false), {3}), 4u);
  Graph of_another = gated({Function::sigmoid}, false);
  of_another.layers[2].inputs = {0};
  of_another.layers[0].op = Input{3};
  EXPECT_EQ(layers(of_another, {3}), 4u);
  Graph sum = gated({Function::sigmoid}, false);
  sum.layers[3].op = Eltwise{};
  EXPECT_EQ(layers(sum, {3}), 4u);
}

TEST(Passes, OneSlopeForAllChannelsIsALeakyRelu) {
  const auto after = [](std::initializer_list<float> slopes) {
    Graph graph = branched();
    Tensor t({2});
    std::copy(slopes.begin(), slopes.end(), t.data());
    graph.layers[4].op = Prelu{std::make_shared<const Tensor>(std::move(t))};
    return prepare(graph, {4}).graph;
  };
  EXPECT_EQ(std::get<Convolution>(after({0.25f, 0.25f}).layers[1].op).relu, 0.25f);
  EXPECT_EQ(after({0.25f, 0.5f}).layers.size(), 3u);
  // Below zero, a value does not tell on which side of zero its argument was
  EXPECT_EQ(std::get<Relu>(after({-0.25f, -0.25f}).layers[2].op).negative_slope, -0.25f);
}

// data -> conv -> shuffle -> {left, right}
Graph shuffled_and_split() {
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("conv", Convolution{{}, 1, filled({4, 3, 1, 1}, 2), {}, {}}, {0});
  graph.add("shuffle", SelectChannels{{0, 2, 1, 3}}, {1});
  graph.add("left", SelectChannels{{0, 1}}, {2});
  graph.add("right", SelectChannels{{2, 3, 3}}, {2});
  graph.add("last", SelectChannels{{0}}, {4});
  return graph;
}

TEST(Passes, SelectionsOfASelectionAreOne) {
  const PassResult composed = prepare(shuffled_and_split(), {3, 5});
  EXPECT_EQ(names(composed.graph), (Names{"data", "conv", "left", "last"}));
  EXPECT_EQ(std::get<SelectChannels>(composed.graph.layers[2].op).channels,
            (std::vector<int>{0, 2}));
  EXPECT_EQ(std::get<SelectChannels>(composed.graph.layers[3].op).channels, (std::vector<int>{1}));
  EXPECT_EQ(composed.graph.layers[3].inputs, (std::vector<int>{1}));
}

TEST(Passes, SelectionsThatOthersReadStay) {
  const Graph asked_for = prepare(shuffled_and_split(), {2, 3}).graph;
  EXPECT_EQ(names(asked_for), (Names{"data", "conv", "shuffle", "left"}));
  EXPECT_EQ(asked_for.layers[3].inputs, (std::vector<int>{2}));
  Graph read = shuffled_and_split();
  read.add("relu", Relu{}, {2});
  const Graph ready = prepare(read, {3, 6}).graph;
  EXPECT_EQ(names(ready), (Names{"data", "conv", "shuffle", "left", "relu"}));
  EXPECT_EQ(ready.layers[3].inputs, (std::vector<int>{2}));
}

TEST(Passes, AffinesFoldIntoNothingButTheSumThatTheyRead) {
  for (const Op& between :
       {Op{Activation{}}, Op{SelectChannels{{1, 0}}}, Op{Pool{}}, Op{Prelu{filled({2}, 0.5f)}}}) {
    Graph graph = branched();
    graph.layers[2].op = between;
    EXPECT_EQ(fold_affine(prune(graph, {3}).graph, {3}).graph.layers.size(), 4u);
  }
}

TEST(Passes, UnknownLayersMatterOnlyOnThePath) {
  EXPECT_NO_THROW(prepare(branched(), {6}));
  try {
    prepare(branched(), {7});
    FAIL();
  } catch (const Unsupported& error) {
    EXPECT_NE(std::string(error.what()).find("ends at layer 'odd' (Spline)"), std::string::npos);
  }
}

}  // namespace
}  // namespace reverie
