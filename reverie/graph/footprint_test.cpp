#include "reverie/graph/footprint.h"

#include <gtest/gtest.h>

#include "reverie/graph/trial_window.h"

// What these numbers mean is tried in gradient/footprint_trial_test.cpp, against the reference.
namespace reverie {
namespace {

Convolution convolution(int out, int in, Window window) {
  Convolution conv;
  conv.window = window;
  conv.weights = std::make_shared<const Tensor>(Shape{out, in, window.kernel_h, window.kernel_w});
  return conv;
}

Pool pool(Window window, Pool::Rounding rounding = Pool::Rounding::down) {
  Pool result;
  result.window = window;
  result.rounding = rounding;
  return result;
}

Window same(int kernel, int stride) {
  Window window = square(kernel, stride);
  window.padding.rule = Padding::Rule::same;
  return window;
}

TEST(ReceptiveFields, GrowThroughWindows) {
  Graph graph;
  int at = graph.add("input", Input{}, {});
  at = graph.add("conv1", convolution(64, 3, square(7, 2, 3)), {at});
  at = graph.add("relu", Relu{}, {at});
  at = graph.add("pool1", pool(square(3, 2), Pool::Rounding::up), {at});
  at = graph.add("conv2", convolution(8, 64, square(3, 1, 2, 2)), {at});
  const auto fields = receptive_fields(graph);
  EXPECT_EQ(fields[0].y, (FieldAxis{1, 0, 0}));
  EXPECT_EQ(fields[1].y, (FieldAxis{2, 3, 3}));
  EXPECT_EQ(fields[2], fields[1]);
  EXPECT_EQ(fields[3].x, (FieldAxis{4, 3, 7}));
  EXPECT_EQ(fields[4].x, (FieldAxis{4, 3 + 2 * 4, 7 + 2 * 4}));  // dilation 2, positions 4 px apart
  EXPECT_EQ(fields[4].x.size(), 27);
}

TEST(ReceptiveFields, AxesAreApart) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  graph.add("conv", convolution(1, 3, {1, 7, 1, 2, 1, 1, {Padding::Rule::given, 0, 2, 0, 3}}),
            {input});
  EXPECT_EQ(receptive_fields(graph)[1].y, (FieldAxis{1, 0, 0}));
  EXPECT_EQ(receptive_fields(graph)[1].x, (FieldAxis{2, 2, 4}));
}

TEST(ReceptiveFields, SamePaddingDependsOnTheSize) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  graph.add("conv", convolution(1, 3, same(7, 2)), {input});
  EXPECT_EQ(receptive_fields(graph, 100, 101)[1].y, (FieldAxis{2, 2, 4}));
  EXPECT_EQ(receptive_fields(graph, 100, 101)[1].x, (FieldAxis{2, 3, 3}));
  EXPECT_EQ(receptive_fields(graph)[1].x, (FieldAxis{2, 2, 4}));
}

TEST(ReceptiveFields, AreTheHullOfTheBranches) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int stem = graph.add("stem", convolution(4, 3, square(1, 2)), {input});
  const int left = graph.add("left", convolution(5, 4, square(1)), {stem});
  const int right = graph.add("right", convolution(6, 4, square(5, 1, 2)), {stem});
  const int join = graph.add("join", Concat{}, {left, right});
  EXPECT_EQ(receptive_fields(graph)[static_cast<std::size_t>(join)].y, (FieldAxis{2, 4, 4}));
}

TEST(ReceptiveFields, HaveNoBoundWhereALayerReadsTheWholePicture) {
  Graph graph;
  int at = graph.add("input", Input{}, {});
  Pool global;
  global.global = true;
  at = graph.add("pool", global, {at});
  at = graph.add("prob", Softmax{}, {at});
  const auto fields = receptive_fields(graph);
  EXPECT_TRUE(fields[0].is_bounded);
  EXPECT_FALSE(fields[1].is_bounded);
  EXPECT_FALSE(fields[2].is_bounded);
  EXPECT_FALSE(footprint(graph, {0, 2}).is_bounded);
}

TEST(ReceptiveFields, HaveNoBoundWhereBranchesOfTwoStridesMeet) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int fine = graph.add("fine", convolution(1, 3, square(3)), {input});
  const int coarse = graph.add("coarse", convolution(1, 3, square(3, 2)), {input});
  graph.add("sum", Concat{}, {fine, coarse});
  EXPECT_FALSE(receptive_fields(graph)[3].is_bounded);
}

// By hand: x2 nearest reads one cell, x2 linear three from two; 4x4 with stride 2 reads two.
TEST(ReceptiveFields, GrowFinerThroughLayersThatEnlarge) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int coarse = graph.add("coarse", convolution(4, 3, square(4, 4)), {input});
  const auto field_of = [&](Op op) {
    Graph with = graph;
    const int layer = with.add("trial", std::move(op), {coarse});
    return receptive_fields(with)[static_cast<std::size_t>(layer)];
  };
  constexpr auto asymmetric = Resize::Coordinates::asymmetric;
  const auto nearest = Resize::Method::nearest, linear = Resize::Method::linear;
  EXPECT_EQ(field_of(Resize{nearest, asymmetric, Resize::Rounding::down, 2, 4}).y,
            (FieldAxis{2, 2, 3}));
  EXPECT_EQ(field_of(Resize{nearest, asymmetric, Resize::Rounding::down, 2, 4}).x,
            (FieldAxis{1, 3, 3}));
  EXPECT_EQ(field_of(Resize{linear, asymmetric, {}, 2, 2}).y, (FieldAxis{2, 2, 5}));
  EXPECT_EQ(field_of(Resize{linear, asymmetric, {}, 0.5f, 1}).y, (FieldAxis{8, 0, 3}));
  EXPECT_EQ(field_of(DepthToSpace{2, {}}).x, (FieldAxis{2, 2, 3}));
  TransposedConvolution transposed;
  transposed.window = square(4, 2, 1);
  transposed.weights = std::make_shared<const Tensor>(Shape{4, 2, 4, 4});
  EXPECT_EQ(field_of(transposed).y, (FieldAxis{2, 4, 5}));
  EXPECT_EQ(field_of(Pad{Pad::Mode::reflect, 1, 2, 3, 4}).y, (FieldAxis{4, 4, -1}));

  // Positions between pixels, and those that depend on the size of the whole
  EXPECT_FALSE(field_of(Resize{nearest, asymmetric, Resize::Rounding::down, 8, 1}).is_bounded);
  EXPECT_FALSE(field_of(Resize{nearest, asymmetric, Resize::Rounding::down, 1.5f, 1}).is_bounded);
  EXPECT_FALSE(field_of(Resize{linear, Resize::Coordinates::align_corners, {}, 2, 2}).is_bounded);
  EXPECT_FALSE(field_of(Normalize{Normalize::Over::plane, 1, 1, nullptr, nullptr}).is_bounded);
  EXPECT_EQ(field_of(Normalize{}).y, (FieldAxis{4, 0, 3}));
}

TEST(Footprint, CountsWhatPaddingMirrorsAtTheEdgesOfTiles) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int pad = graph.add("pad", Pad{Pad::Mode::reflect, 1, 1, 1, 1}, {input});
  const int last = graph.add("conv", convolution(1, 3, square(3)), {pad});
  EXPECT_EQ(footprint(graph, {last}).y, (FootprintAxis{1, 3, 6, 6, 6}));
  graph.layers[1].op = Pad{Pad::Mode::zero, 1, 1, 1, 1};
  EXPECT_EQ(footprint(graph, {last}).y, (FootprintAxis{1, 3, 2, 2, 2}));
}

TEST(Footprint, IsThatOfTheWidestLayerAndOfAllStrides) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int three = graph.add("three", convolution(1, 3, square(3, 3)), {input});
  const int two = graph.add("two", convolution(1, 3, square(7, 2, 3)), {input});
  graph.add("beside", convolution(1, 3, square(9, 5)), {input});
  const Footprint both = footprint(graph, {three, two});
  EXPECT_TRUE(both.is_bounded);
  EXPECT_EQ(both.y, (FootprintAxis{6, 7, 5, 6, 6}));
  EXPECT_EQ(both.y, both.x);
  EXPECT_EQ(footprint(graph, {three}).y, (FootprintAxis{3, 3, 0, 0, 2}));
}

TEST(ReceptiveFields, AJoinWithOneNumberForAllPixelsHasNoBound) {
  Graph graph;
  const int input = graph.add("input", Input{}, {});
  const int conv = graph.add("conv", convolution(4, 3, square(3, 2, 1)), {input});
  Pool global;
  global.kind = Pool::Kind::average;
  global.global = true;
  const int mean = graph.add("mean", global, {conv});
  const int scaled = graph.add("scaled", Eltwise{Eltwise::Operation::product, {}},
                               {conv, graph.add("gate", Activation{}, {mean})});
  // One number for each pixel is as near as the pixel
  const int one = graph.add("one", SelectChannels{{2}}, {conv});
  const int weighted = graph.add("weighted", Eltwise{Eltwise::Operation::product, {}}, {one, conv});
  const auto fields = receptive_fields(graph);
  EXPECT_FALSE(fields[static_cast<std::size_t>(scaled)].is_bounded);
  EXPECT_EQ(fields[static_cast<std::size_t>(weighted)], fields[static_cast<std::size_t>(conv)]);
  EXPECT_TRUE(fields[static_cast<std::size_t>(weighted)].is_bounded);
}

}  // namespace
}  // namespace reverie
