#include "reverie/graph/cost.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

Convolution convolution(int out, int in, int kernel, int stride) {
  Convolution conv;
  conv.window = {kernel, kernel, stride, stride, 1, 1, {}};
  conv.weights = std::make_shared<const Tensor>(Shape{out, in, kernel, kernel});
  return conv;
}

TEST(Cost, CountsEveryLayerBelowOnce) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int stem = graph.add("stem", convolution(4, 3, 1, 2), {input});
  const int left = graph.add("left", convolution(5, 4, 1, 1), {stem});
  const int right = graph.add("right", convolution(6, 4, 3, 1), {stem});
  const int join = graph.add("join", Concat{}, {left, right});
  graph.add("beside", convolution(100, 3, 1, 1), {input});
  // 4 flop per weight and position; positions are a quarter of the pixels
  const double weights = 4 * 3 + 5 * 4 + 6 * 4 * 9;
  EXPECT_DOUBLE_EQ(gflop_per_megapixel(graph)[static_cast<std::size_t>(join)], weights / 1000);
}

TEST(Cost, OfTransposedConvolutionsIsByTheirInput) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int coarse = graph.add("coarse", convolution(4, 3, 1, 4), {input});
  TransposedConvolution transposed;
  transposed.window = {2, 2, 2, 2, 1, 1, {}};
  transposed.weights = std::make_shared<const Tensor>(Shape{4, 5, 2, 2});
  const int fine = graph.add("fine", transposed, {coarse});
  const double weights = 4 * 3 + 4 * 5 * 4;
  EXPECT_DOUBLE_EQ(gflop_per_megapixel(graph)[static_cast<std::size_t>(fine)],
                   4 * weights / 16 / 1000);
}

}  // namespace
}  // namespace reverie
