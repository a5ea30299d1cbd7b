// That the values stay the same is checked with the plans; here, what becomes of the graph.
#include <gtest/gtest.h>

#include "reverie/graph/passes.h"

namespace reverie {
namespace {

Weights values(std::initializer_list<float> numbers) {
  Tensor t({static_cast<std::int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), t.data());
  return std::make_shared<const Tensor>(std::move(t));
}

// A 1x1 convolution of three channels.
Convolution convolution() {
  return {{}, 1, std::make_shared<const Tensor>(Tensor({2, 3, 1, 1})), {}, {}};
}

// As PyTorch exports `transform_input` of its GoogLeNet: each colour by itself, then all together.
Graph transforms_its_input() {
  Graph graph;
  graph.name = "early";
  graph.transform = {{0, 1, 2}, {0, 0, 0}, {1.f / 255, 1.f / 255, 1.f / 255}};
  graph.add("data", Input{}, {});
  for (int c = 0; c < 3; ++c) {
    const int colour = graph.add("colour" + std::to_string(c), SelectChannels{{2 - c}}, {0});
    const float scale = 0.5f + static_cast<float>(c);
    graph.add("scaled" + std::to_string(c), Affine{values({scale}), values({-0.25f})}, {colour});
  }
  graph.add("together", Concat{}, {2, 4, 6});
  graph.add("conv", convolution(), {7});
  return graph;
}

TEST(FoldInput, ANormalisationOfEachColourBecomesTheInputTransform) {
  Graph graph = transforms_its_input();
  graph.aliases["first"] = 8;
  graph.aliases["normal"] = 7;
  const PassResult folded = fold_input(graph, {8});
  ASSERT_EQ(folded.graph.layers.size(), 2u);
  EXPECT_EQ(folded.targets, (std::vector<int>{1}));
  EXPECT_EQ(folded.graph.layers[0].name, "together");
  EXPECT_TRUE(std::holds_alternative<Input>(folded.graph.layers[0].op));
  EXPECT_EQ(folded.graph.layers[1].inputs, (std::vector<int>{0}));
  EXPECT_EQ(folded.graph.find("first"), 1);
  EXPECT_EQ(folded.graph.find("normal"), 0);
  const InputTransform& transform = folded.graph.transform;
  EXPECT_EQ(transform.order, (std::array{2, 1, 0}));
  for (std::size_t c = 0; c < 3; ++c) {
    const float scale = (0.5f + static_cast<float>(c)) / 255;
    EXPECT_FLOAT_EQ(transform.scale[c], scale);
    EXPECT_FLOAT_EQ(transform.mean[c], 0.25f / scale);
  }
}

TEST(FoldInput, GoesOnThroughWhatFollows) {
  Graph graph;
  graph.transform = {{2, 1, 0}, {10, 20, 30}, {2, 2, 2}};
  graph.add("data", Input{}, {});
  graph.add("less", Affine{values({1, 1, 1}), values({-1, -2, -3})}, {0});
  graph.add("scaled", Affine{values({4, 5, 6}), values({0, 0, 0})}, {1});
  graph.add("turned", SelectChannels{{2, 1, 0}}, {2});
  graph.add("conv", convolution(), {3});
  const PassResult folded = prepare(graph, {4});
  ASSERT_EQ(folded.graph.layers.size(), 2u);
  EXPECT_EQ(folded.graph.transform.order, (std::array{0, 1, 2}));
  EXPECT_EQ(folded.graph.transform.scale, (std::array{12.f, 10.f, 8.f}));
  EXPECT_EQ(folded.graph.transform.mean, (std::array{31.5f, 21.f, 10.5f}));
}

TEST(FoldInput, KeepsWhatIsAskedFor) {
  const PassResult whole = fold_input(transforms_its_input(), {7, 8});
  EXPECT_EQ(whole.graph.layers.size(), 2u);
  EXPECT_EQ(whole.targets, (std::vector<int>{0, 1}));
  for (int inner : {0, 1, 2}) {
    const PassResult kept = fold_input(transforms_its_input(), {inner, 8});
    EXPECT_EQ(kept.graph.layers.size(), 9u) << inner;
    EXPECT_EQ(kept.graph.transform, transforms_its_input().transform);
    EXPECT_EQ(kept.targets, (std::vector<int>{inner, 8}));
  }
}

TEST(FoldInput, NotWhereAnotherLayerReadsThePictureToo) {
  Graph graph = transforms_its_input();
  graph.add("beside", convolution(), {0});
  EXPECT_EQ(fold_input(graph, {8, 9}).graph.layers.size(), 10u);
  graph = transforms_its_input();
  graph.add("beside", Relu{}, {4});
  EXPECT_EQ(fold_input(graph, {8, 9}).graph.layers.size(), 10u);
}

TEST(FoldInput, NotWhatIsNoPermutationOfColours) {
  const auto layers_of = [](const Op& op) {
    Graph graph;
    graph.add("data", Input{}, {});
    graph.add("first", op, {0});
    graph.add("conv", convolution(), {1});
    return fold_input(graph, {2}).graph.layers.size();
  };
  EXPECT_EQ(layers_of(SelectChannels{{0, 2, 1}}), 2u);
  EXPECT_EQ(layers_of(SelectChannels{{0, 0, 1}}), 3u);
  EXPECT_EQ(layers_of(SelectChannels{{0, 1, 2, 0}}), 3u);
  EXPECT_EQ(layers_of(SelectChannels{{0}}), 3u);
  EXPECT_EQ(layers_of(Relu{}), 3u);
  EXPECT_EQ(layers_of(Affine{values({1, 0, 1}), values({1, 1, 1})}), 3u);
}

}  // namespace
}  // namespace reverie
