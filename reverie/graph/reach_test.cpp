#include "reverie/graph/reach.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

Convolution convolution(int out, int in, int kernel, int stride, int dilation = 1) {
  Convolution conv;
  conv.window = {kernel, kernel, stride, stride, dilation, dilation, {}};
  conv.weights = std::make_shared<const Tensor>(Shape{out, in, kernel, kernel});
  return conv;
}

Pool pool(int kernel, int stride) {
  Pool result;
  result.window = {kernel, kernel, stride, stride, 1, 1, {}};
  return result;
}

TEST(Reach, GrowsThroughWindows) {
  Graph graph;
  int at = graph.add("input", Input{}, {});
  at = graph.add("conv1", convolution(64, 3, 7, 2), {at});
  at = graph.add("relu", Relu{}, {at});
  at = graph.add("pool1", pool(3, 2), {at});
  at = graph.add("conv2", convolution(8, 64, 3, 1, 2), {at});
  const auto reach = reaches(graph);
  EXPECT_EQ(reach[1].stride, 2);
  EXPECT_EQ(reach[1].receptive_field, 7);
  EXPECT_EQ(reach[2].receptive_field, 7);
  EXPECT_EQ(reach[3].stride, 4);
  EXPECT_EQ(reach[3].receptive_field, 7 + 2 * 2);
  EXPECT_EQ(reach[4].receptive_field, 11 + 2 * 2 * 4);  // dilation 2, positions 4 px apart
}

TEST(Reach, CountsEveryLayerBelowOnce) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int stem = graph.add("stem", convolution(4, 3, 1, 2), {input});
  const int left = graph.add("left", convolution(5, 4, 1, 1), {stem});
  const int right = graph.add("right", convolution(6, 4, 3, 1), {stem});
  const int join = graph.add("join", Concat{}, {left, right});
  graph.add("beside", convolution(100, 3, 1, 1), {input});
  const auto reach = reaches(graph);
  // 4 flop per weight and position; positions are a quarter of the pixels
  const double weights = 4 * 3 + 5 * 4 + 6 * 4 * 9;
  EXPECT_DOUBLE_EQ(reach[static_cast<std::size_t>(join)].gflop_per_megapixel, weights / 1000);
  EXPECT_EQ(reach[static_cast<std::size_t>(join)].receptive_field, 1 + 2 * 2);  // the wider branch
}

TEST(Reach, ClassifiersHaveNoPlaces) {
  Graph graph;
  int at = graph.add("input", Input{}, {});
  Pool global;
  global.global = true;
  at = graph.add("pool", global, {at});
  at = graph.add("prob", Softmax{}, {at});
  const auto reach = reaches(graph);
  EXPECT_EQ(reach[2].stride, 0);
  EXPECT_EQ(reach[2].receptive_field, 0);
}

}  // namespace
}  // namespace reverie
