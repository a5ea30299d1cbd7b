#include "reverie/graph/shapes.h"

#include <gtest/gtest.h>

#include <limits>

#include "reverie/base/error.h"
#include "reverie/graph/trial_window.h"

namespace reverie {
namespace {

Weights zeros(Shape shape) { return std::make_shared<const Tensor>(shape); }

Graph graph_with(Op op) {
  Graph graph;
  graph.name = "trial";
  graph.add("data", Input{}, {});
  graph.add("trial", std::move(op), {0});
  return graph;
}

Shape shape_of(Op op, std::int64_t height, std::int64_t width) {
  return infer_shapes(graph_with(std::move(op)), height, width)[1];
}

TEST(Shapes, Convolutions) {
  const auto conv = [](Window w) {
    return Convolution{w, 1, zeros({8, 3, w.kernel_h, w.kernel_w}), {}, {}};
  };
  EXPECT_EQ(shape_of(conv(square(7, 2, 3)), 224, 225), (Shape{8, 112, 113}));
  EXPECT_EQ(shape_of(conv(square(3, 1, 2, 2)), 10, 11), (Shape{8, 10, 11}));
  EXPECT_EQ(shape_of(conv({1, 7, 1, 1, 1, 1, {Padding::Rule::given, 0, 3, 0, 3}}), 9, 9),
            (Shape{8, 9, 9}));
}

// Padding by parity: TensorFlow's documentation of SAME.
TEST(Shapes, SamePaddingFollowsTheInputsParity) {
  Window seven = square(7, 2, 0);
  seven.padding.rule = Padding::Rule::same;
  const Padding even = resolve_padding(seven, 224, 225);
  EXPECT_EQ(even.top, 2);
  EXPECT_EQ(even.bottom, 3);
  EXPECT_EQ(even.left, 3);
  EXPECT_EQ(even.right, 3);
  const Padding other = resolve_padding(seven, 225, 224);
  EXPECT_EQ(other.top, 3);
  EXPECT_EQ(other.bottom, 3);
  EXPECT_EQ(other.left, 2);
  EXPECT_EQ(other.right, 3);
  const Convolution conv{seven, 1, zeros({8, 3, 7, 7}), {}, {}};
  EXPECT_EQ(shape_of(conv, 224, 225), (Shape{8, 112, 113}));
}

// Sizes that Caffe's pooling layer computes.
TEST(Shapes, CaffePoolsRoundUpAndDropWindowsInThePadding) {
  const auto pool = [](Window w, Pool::Rounding rounding) {
    return Pool{Pool::Kind::max, w, false, rounding, true};
  };
  EXPECT_EQ(shape_of(pool(square(3, 2, 0), Pool::Rounding::up), 112, 113), (Shape{3, 56, 56}));
  EXPECT_EQ(shape_of(pool(square(3, 2, 0), Pool::Rounding::down), 112, 113), (Shape{3, 55, 56}));
  EXPECT_EQ(shape_of(pool(square(3, 1, 1), Pool::Rounding::up), 14, 15), (Shape{3, 14, 15}));
  EXPECT_EQ(shape_of(pool(square(2, 2, 1), Pool::Rounding::up), 4, 5), (Shape{3, 3, 3}));
  EXPECT_EQ(shape_of(pool(square(3, 2, 0), Pool::Rounding::up), 2, 2), (Shape{3, 1, 1}));
  // PyTorch: a window that would start past the picture is dropped without padding, too
  EXPECT_EQ(shape_of(pool(square(1, 3, 0), Pool::Rounding::up), 5, 6), (Shape{3, 2, 2}));
  EXPECT_EQ(shape_of(Pool{Pool::Kind::average, {}, true, Pool::Rounding::up, true}, 7, 9),
            (Shape{3, 1, 1}));
}

TEST(Shapes, SayWhichLayerAPictureIsTooSmallFor) {
  const Graph graph = graph_with(Convolution{square(5, 2, 0), 1, zeros({8, 3, 5, 5}), {}, {}});
  EXPECT_EQ(min_side(graph), 5);
  try {
    infer_shapes(graph, 20, 4);
    FAIL();
  } catch (const BadShape& error) {
    EXPECT_STREQ(
        error.what(),
        "a 4x20 picture is too small for layer 'trial' of network 'trial'; the smallest is 5x5");
  }
}

TEST(Shapes, RefuseWeightsThatDoNotFit) {
  EXPECT_THROW(shape_of(Convolution{square(3, 1, 1), 1, zeros({8, 4, 3, 3}), {}, {}}, 8, 8),
               BadModel);
  EXPECT_THROW(shape_of(Convolution{square(3, 1, 1), 1, zeros({8, 3, 3, 2}), {}, {}}, 8, 8),
               BadModel);
  EXPECT_THROW(shape_of(Convolution{square(3, 1, 1), 1, zeros({8, 3, 3, 3}), zeros({7}), {}}, 8, 8),
               BadModel);
  EXPECT_THROW(shape_of(Affine{zeros({4}), zeros({3})}, 8, 8), BadModel);
  EXPECT_THROW(shape_of(InnerProduct{zeros({5, 3 * 8 * 7}), {}}, 8, 8), BadShape);
  EXPECT_THROW(shape_of(UnknownLayer{"Spline"}, 8, 8), Unsupported);
}

TEST(Shapes, RefuseLayersThatCannotBe) {
  const auto resize = [](float scale) { return Resize{Resize::Method::nearest, {}, {}, 1, scale}; };
  EXPECT_EQ(shape_of(resize(1.5f), 8, 7), (Shape{3, 8, 10}));
  for (const float scale : {0.f, -1.f, 1e9f, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THROW(shape_of(resize(scale), 8, 8), BadModel) << scale;
  const auto transposed = [](int groups, Shape weights) {
    return TransposedConvolution{square(4, 2, 1), groups, 1, 0, zeros(weights), nullptr};
  };
  EXPECT_EQ(shape_of(transposed(1, {3, 5, 4, 4}), 8, 7), (Shape{5, 17, 14}));
  EXPECT_EQ(shape_of(transposed(3, {3, 2, 4, 4}), 8, 7), (Shape{6, 17, 14}));
  EXPECT_THROW(shape_of(transposed(0, {3, 5, 4, 4}), 8, 8), BadModel);
  EXPECT_THROW(shape_of(transposed(2, {3, 5, 4, 4}), 8, 8), BadModel);
  EXPECT_THROW(shape_of(transposed(1, {4, 5, 4, 4}), 8, 8), BadModel);
  EXPECT_EQ(shape_of(Pad{Pad::Mode::reflect, 1, 2, 3, -4}, 8, 7), (Shape{3, 12, 5}));
  EXPECT_THROW(shape_of(Pad{Pad::Mode::reflect, 8, 0, 0, 0}, 8, 8), BadShape);
  EXPECT_THROW(shape_of(Pad{Pad::Mode::zero, -4, 0, -4, 0}, 8, 8), BadShape);
  EXPECT_THROW(shape_of(DepthToSpace{2, {}}, 8, 8), BadModel);
  EXPECT_THROW(shape_of(Normalize{Normalize::Over::pixel, 2, 1, nullptr, nullptr}, 8, 8), BadModel);
}

TEST(Shapes, JoinsNeedEqualSizes) {
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("half", Pool{Pool::Kind::max, square(2, 2, 0), false, Pool::Rounding::down, true}, {0});
  graph.add("join", Concat{}, {0, 0});
  EXPECT_EQ(infer_shapes(graph, 8, 8)[2], (Shape{6, 8, 8}));
  graph.layers[2].inputs = {0, 1};
  EXPECT_THROW(infer_shapes(graph, 8, 8), BadModel);
  graph.layers[2].op = Eltwise{};
  EXPECT_THROW(infer_shapes(graph, 8, 8), BadModel);
}

// A U-Net in small: down by 2 twice, up again, and joined with what was there.
TEST(Shapes, BranchesThatMeetAtSomeSizes) {
  Graph graph;
  graph.name = "trial";
  const auto pool = Pool{Pool::Kind::max, square(2, 2, 0), false, Pool::Rounding::down, true};
  Resize larger;
  larger.scale_h = larger.scale_w = 4;
  graph.add("data", Input{}, {});
  graph.add("down", pool, {0});
  graph.add("deep", pool, {1});
  graph.add("up", larger, {2});
  graph.add("join", Concat{}, {0, 3});
  EXPECT_EQ(size_step(graph), 4);
  EXPECT_EQ(min_side(graph), 4);
  EXPECT_EQ(infer_shapes(graph, 8, 12)[4], (Shape{6, 8, 12}));
  try {
    infer_shapes(graph, 8, 13);
    FAIL();
  } catch (const BadShape& error) {
    EXPECT_STREQ(
        error.what(),
        "a 13x8 picture does not fit layer 'join' (concat), whose inputs differ, [3,8,13] "
        "and [3,8,12]; the width and the height must be multiples of 4: crop or resize it");
  }
  graph.layers[3].op = pool;
  EXPECT_THROW(infer_shapes(graph, 8, 12), BadModel);
  EXPECT_THROW(min_side(graph), BadModel);
  EXPECT_EQ(size_step(graph_with(Relu{})), 1);
}

TEST(Shapes, CountFlops) {
  const Graph graph = graph_with(Convolution{square(3, 1, 1), 1, zeros({8, 3, 3, 3}), {}, {}});
  EXPECT_EQ(forward_flops(graph, infer_shapes(graph, 10, 20)), 2.0 * 8 * 27 * 200);
}

}  // namespace
}  // namespace reverie
