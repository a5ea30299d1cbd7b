// Every op's backward against central differences of its forward, both in double.
#include "reverie/plan/reference/reference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"
#include "reverie/graph/shapes.h"
#include "reverie/graph/trial_window.h"
#include "reverie/plan/reference/resample.h"

namespace reverie::reference {
namespace {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : stream_(Random(seed).at(RandomUse::noise, 0, 0, 0)) {}
  float operator()(float low, float high) { return low + (high - low) * stream_.uniform(); }
  Weights weights(Shape shape, float low = -1, float high = 1) {
    Tensor t(shape);
    for (float& v : t.elements()) v = (*this)(low, high);
    return std::make_shared<const Tensor>(std::move(t));
  }

 private:
  RandomStream stream_;
};

// A 3-channel picture through a first convolution (so that channels mix) and then the op on trial.
Graph network_with(Op op, int channels, Draw& draw, int readers = 1) {
  Graph graph;
  graph.name = "trial";
  graph.transform = {{2, 1, 0}, {104, 116, 122}, {0.01f, 0.02f, 0.03f}};
  graph.add("data", Input{}, {});
  std::vector<int> inputs;
  for (int i = 0; i < readers; ++i) {
    Convolution first{Window{3, 3, 1, 1, 1, 1, {Padding::Rule::given, 1, 1, 1, 1}},
                      1,
                      draw.weights({channels, 3, 3, 3}),
                      draw.weights({channels}),
                      {}};
    inputs.push_back(graph.add("first" + std::to_string(i), first, {0}));
  }
  graph.add("trial", std::move(op), inputs);
  return graph;
}

double objective(const Graph& graph, const Array& canvas, const Array& output_grad) {
  const std::vector<Array> values = forward(graph, canvas);
  double sum = 0;
  for (std::int64_t i = 0; i < output_grad.size(); ++i) sum += output_grad[i] * values.back()[i];
  return sum;
}

// Worst difference between gradient and differences, relative to the largest gradient.
double worst_grad_error(const Graph& graph, std::int64_t height, std::int64_t width, Draw& draw) {
  Array canvas({3, height, width});
  for (double& v : canvas.elements()) v = draw(0, 255);
  const std::vector<Array> values = forward(graph, canvas);
  std::vector<Array> output_grads(values.size());
  output_grads.back() = Array(values.back().shape());
  for (double& v : output_grads.back().elements()) v = draw(-1, 1);
  const Array grad = backward(graph, values, output_grads);

  double largest = 0, worst = 0;
  for (double v : grad.elements()) largest = std::max(largest, std::abs(v));
  EXPECT_GT(largest, 0);
  for (std::int64_t i = 0; i < canvas.size(); i += 11) {
    const double step = 1e-5, here = canvas[i];
    canvas[i] = here + step;
    const double above = objective(graph, canvas, output_grads.back());
    canvas[i] = here - step;
    const double below = objective(graph, canvas, output_grads.back());
    canvas[i] = here;
    worst = std::max(worst, std::abs((above - below) / (2 * step) - grad[i]) / largest);
  }
  return worst;
}

constexpr double tolerance =
    1e-6;  // of the differences: step^2 times a third derivative, rounding / step

void expect_exact_grads(const Op& op, int channels = 8, int readers = 1) {
  Draw draw(42);
  for (const auto& [height, width] : {std::pair{6, 8}, {7, 5}}) {
    const Graph graph = network_with(op, channels, draw, readers);
    EXPECT_LT(worst_grad_error(graph, height, width, draw), tolerance)
        << describe(op) << " " << height << "x" << width;
  }
}

TEST(Reference, Convolution) {
  Draw draw(1);
  const auto conv = [&](Window w, int groups = 1) {
    return Convolution{
        w, groups, draw.weights({6, 8 / groups, w.kernel_h, w.kernel_w}), draw.weights({6}), {}};
  };
  expect_exact_grads(conv(square(1, 1, 0)));
  expect_exact_grads(conv(square(3, 1, 1)));
  expect_exact_grads(conv(square(5, 2, 2)));
  expect_exact_grads(conv(square(3, 3, 0)));
  expect_exact_grads(conv(square(3, 1, 2, 2)));
  expect_exact_grads(conv(square(3, 1, 1), 2));
  expect_exact_grads(conv({1, 7, 1, 1, 1, 1, {Padding::Rule::given, 0, 3, 0, 3}}));
  expect_exact_grads(conv({3, 2, 2, 1, 1, 1, {Padding::Rule::given, 0, 1, 2, 0}}));
  expect_exact_grads(conv({3, 3, 2, 2, 1, 1, {Padding::Rule::same, 0, 0, 0, 0}}));
  Convolution without_bias = conv(square(3, 1, 1));
  without_bias.bias = nullptr;
  expect_exact_grads(without_bias);
  Convolution leaky = conv(square(3, 1, 1));
  leaky.relu = 0.1f;
  expect_exact_grads(leaky);
}

TEST(Reference, Activations) {
  expect_exact_grads(Relu{});
  expect_exact_grads(Relu{0.2f});
  expect_exact_grads(Relu{0, 1.5f});
  expect_exact_grads(Softmax{});
}

TEST(Reference, FunctionsOfOneNumber) {
  using Function = Activation::Function;
  const auto positive = [](Function function) {
    return function == Function::log || function == Function::power;
  };
  for (int f = 0; f <= static_cast<int>(Function::clip); ++f)
    if (const auto function = static_cast<Function>(f); !positive(function))
      expect_exact_grads(Activation{function, 0.3f, 0.8f});
  expect_exact_grads(Activation{Function::power, 3});
  Draw draw(6);
  expect_exact_grads(Prelu{draw.weights({8}, -0.5f, 0.5f)});

  // Of numbers above zero alone
  for (const Activation& op : {Activation{Function::log}, Activation{Function::power, 0.5f},
                               Activation{Function::power, -1.3f}}) {
    Graph graph = network_with(Activation{Function::softplus}, 8, draw);
    graph.add("last", op, {static_cast<int>(graph.layers.size()) - 1});
    EXPECT_LT(worst_grad_error(graph, 6, 7, draw), tolerance) << describe(op) << op.a;
  }
}

TEST(Reference, Pools) {
  for (const auto kind : {Pool::Kind::max, Pool::Kind::average})
    for (const auto rounding : {Pool::Rounding::down, Pool::Rounding::up})
      for (const bool count_padding : {false, true}) {
        expect_exact_grads(Pool{kind, square(3, 2, 0), false, rounding, count_padding});
        expect_exact_grads(Pool{kind, square(3, 1, 1), false, rounding, count_padding});
        expect_exact_grads(Pool{kind, square(2, 2, 1), false, rounding, count_padding});
        expect_exact_grads(Pool{kind, square(2, 2, 1, 2), false, rounding, count_padding});
        expect_exact_grads(Pool{kind, {}, true, rounding, count_padding});
      }
}

TEST(Reference, Normalization) {
  expect_exact_grads(Lrn{5, 0.02f, 0.75f, 1});
  expect_exact_grads(Lrn{11, 0.05f, 0.5f, 2});
  expect_exact_grads(Lrn{4, 0.05f, 0.6f, 1});
  Draw draw(3);
  expect_exact_grads(Affine{draw.weights({8}), draw.weights({8})});
}

TEST(Reference, MeansAndDeviations) {
  Draw draw(9);
  for (const auto over : {Normalize::Over::pixel, Normalize::Over::plane})
    for (const int groups : {1, 2, 8}) {
      if (over == Normalize::Over::pixel && groups == 8) continue;  // one number has no deviation
      expect_exact_grads(
          Normalize{over, groups, 1e-3f, draw.weights({8}, 0.5f, 2), draw.weights({8})});
      expect_exact_grads(Normalize{over, groups, 0.5f, nullptr, nullptr});
    }
}

TEST(Reference, Resampling) {
  for (const auto method : {Resize::Method::nearest, Resize::Method::linear})
    for (const auto coordinates : {Resize::Coordinates::half_pixel, Resize::Coordinates::asymmetric,
                                   Resize::Coordinates::align_corners})
      for (const auto& [h, w] : {std::pair{2.f, 2.f}, {1.7f, 0.6f}, {1.f, 3.f}})
        expect_exact_grads(Resize{method, coordinates, Resize::Rounding::to_nearest_down, h, w});
  for (const auto mode : {Pad::Mode::zero, Pad::Mode::reflect, Pad::Mode::edge}) {
    expect_exact_grads(Pad{mode, 1, 2, 3, 4});
    expect_exact_grads(Pad{mode, 2, -1, -2, 3});
  }
  for (const auto order : {DepthToSpace::Order::depth_first, DepthToSpace::Order::color_first})
    expect_exact_grads(DepthToSpace{2, order});
}

TEST(Reference, TransposedConvolution) {
  Draw draw(10);
  const auto conv = [&](Window w, int groups = 1, int output_padding = 0) {
    return TransposedConvolution{w,
                                 groups,
                                 output_padding,
                                 output_padding,
                                 draw.weights({8, 6 / groups, w.kernel_h, w.kernel_w}),
                                 draw.weights({6})};
  };
  expect_exact_grads(conv(square(2, 2)));
  expect_exact_grads(conv(square(3, 2, 1), 1, 1));
  expect_exact_grads(conv(square(4, 2, 1), 2));
  expect_exact_grads(conv(square(3, 1, 1)));
  expect_exact_grads(conv(square(3, 3, 0, 2)));
  expect_exact_grads(conv({3, 5, 2, 1, 1, 2, {Padding::Rule::given, 0, 1, 2, 0}}));
}

TEST(Reference, Joins) {
  expect_exact_grads(Concat{}, 3, 3);
  expect_exact_grads(Eltwise{Eltwise::Operation::sum, {}}, 4, 3);
  expect_exact_grads(Eltwise{Eltwise::Operation::sum, {1, -2}}, 4, 2);
  expect_exact_grads(Eltwise{Eltwise::Operation::product, {}}, 4, 3);
  expect_exact_grads(Eltwise{Eltwise::Operation::maximum, {}}, 4, 3);
}

TEST(Reference, Selections) {
  expect_exact_grads(SelectChannels{{1, 2, 3}});
  expect_exact_grads(SelectChannels{{7, 0, 4, 4, 0, 0, 2}});
}

// A value of [channels, height, width], and parts of it that have one channel, row or column.
TEST(Reference, JoinsThatBroadcast) {
  Draw draw(7);
  const Pool mean{Pool::Kind::average, {}, true, Pool::Rounding::down, true};
  const Window column{1, 7, 1, 1, 1, 1, {}}, row{6, 1, 1, 1, 1, 1, {}};
  for (const auto operation :
       {Eltwise::Operation::sum, Eltwise::Operation::product, Eltwise::Operation::maximum})
    for (const Op& part : {Op{mean}, Op{SelectChannels{{3}}}, Op{Pool{Pool::Kind::average, column}},
                           Op{Pool{Pool::Kind::max, row}}}) {
      Graph graph = network_with(Activation{Activation::Function::tanh}, 5, draw);
      const int whole = static_cast<int>(graph.layers.size()) - 1;
      const int small = graph.add("part", part, {whole - 1});
      const int smaller = graph.add("one", SelectChannels{{0}}, {graph.add("mean", mean, {small})});
      std::vector<float> coefficients;
      if (operation == Eltwise::Operation::sum) coefficients = {0.5f, -2, 1.5f};
      graph.add("join", Eltwise{operation, coefficients}, {small, whole, smaller});
      ASSERT_EQ(infer_shapes(graph, 6, 7).back(), (Shape{5, 6, 7}));
      EXPECT_LT(worst_grad_error(graph, 6, 7, draw), tolerance) << describe(part);
      graph.add("without the whole", Eltwise{operation, coefficients}, {small, smaller, small});
      EXPECT_LT(worst_grad_error(graph, 6, 7, draw), tolerance) << describe(part);
    }
}

TEST(Reference, InnerProduct) {
  Draw draw(5);
  const Graph graph =
      network_with(InnerProduct{draw.weights({5, 8 * 6 * 7}), draw.weights({5})}, 8, draw);
  EXPECT_LT(worst_grad_error(graph, 6, 7, draw), tolerance);
}

// A picture of 3 channels that nothing changes before the op on trial.
Graph network_of(Op op) {
  Graph graph;
  graph.transform = {};
  graph.add("data", Input{3}, {});
  graph.add("trial", std::move(op), {0});
  return graph;
}

// The gradient of the sum of an op's value.
Array grad_of_sum(const Graph& graph, const std::vector<Array>& values) {
  std::vector<Array> output_grads(2);
  output_grads[1] = Array(values[1].shape());
  for (double& v : output_grads[1].elements()) v = 1;
  return backward(graph, values, output_grads);
}

Array value_of(Op op, const std::vector<double>& canvas, Shape shape) {
  Array picture(shape);
  std::copy(canvas.begin(), canvas.end(), picture.data());
  return std::move(forward(network_of(std::move(op)), picture)[1]);
}

Weights numbers(Shape shape, const std::vector<float>& values) {
  Tensor t(shape);
  std::copy(values.begin(), values.end(), t.data());
  return std::make_shared<const Tensor>(std::move(t));
}

void expect_near(const Array& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[static_cast<std::int64_t>(i)], expected[i], 1e-5) << i;
}

const std::vector<double> picture_2x2{1, 2, -1, 4, 0, 3, 5, -2, 2, 2, 1, 7};

// The numbers of these tests are those of PyTorch 1.13: F.layer_norm over channels,
// F.instance_norm, F.group_norm; F.conv_transpose2d.
TEST(Reference, NormalizesAsPyTorchDoes) {
  const Weights scale = numbers({3}, {1, 2, 0.5f}), shift = numbers({3}, {0, 1, -1});
  const auto found = [&](Normalize::Over over, int groups) {
    return value_of(Normalize{over, groups, 1e-2f, scale, shift}, picture_2x2, {3, 2, 2});
  };
  expect_near(found(Normalize::Over::pixel, 1),
              {0, -0.691714, -1.068187, 0.267166, -1.431323, 3.766858, 3.670468, -1.671659,
               -0.392169, -1.345857, -1.133523, -0.465668});
  expect_near(found(Normalize::Over::plane, 3),
              {-0.276924, 0.276924, -1.384622, 1.384622, -0.113404, 2.113405, 3.597944, -1.597944,
               -1.213007, -1.213007, -1.426014, -0.147971});
  expect_near(found(Normalize::Over::plane, 1),
              {-0.413685, 0, -1.241055, 0.82737, -0.654739, 1.82737, 3.48211, -2.309479, -1, -1,
               -1.206842, 0.034212});
}

TEST(Reference, TransposesConvolutionsAsPyTorchDoes) {
  std::vector<float> ramp(24);
  for (std::size_t i = 0; i < 24; ++i) ramp[i] = static_cast<float>(i % 2 == 0 ? i + 1 : -1. - i);
  TransposedConvolution conv{square(2, 2, 1),      1, 1, 1, numbers({3, 2, 2, 2}, ramp),
                             numbers({2}, {1, -1})};
  expect_near(value_of(conv, picture_2x2, {3, 2, 2}),
              {-43, 78, -83, -65, 106, -113, -75, 124, -131, -57, 104, -113, -87, 140, -151, -97,
               158, -169});

  TransposedConvolution by_channel{
      {3, 1, 2, 1, 2, 1, {Padding::Rule::given, 1, 0, 1, 0}}, 3,      0, 0,
      numbers({3, 1, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),     nullptr};
  expect_near(value_of(by_channel, picture_2x2, {3, 2, 2}),
              {0, 0,  1, 8, 0, 0, 1, 14, 0,  0, 0, 0,  20, 7, 0,
               0, 25, 8, 0, 0, 0, 0, 23, 65, 0, 0, 26, 74, 0, 0});
}

// F.avg_pool2d and F.max_pool2d of six columns, with ceil_mode=True.
TEST(Reference, PoolsAsPyTorchDoes) {
  const std::vector<double> row{1, 2, 4, 8, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto pooled = [&](Pool::Kind kind, Window window, bool count_padding) {
    const Array all =
        value_of(Pool{kind, window, false, Pool::Rounding::up, count_padding}, row, {3, 1, 6});
    Array first({1, 1, all.shape().width()});
    std::copy_n(all.data(), first.size(), first.data());
    return first;
  };
  const auto window = [](int kernel, int stride, int padding, int dilation = 1) {
    return Window{
        1, kernel, 1, stride, 1, dilation, {Padding::Rule::given, 0, padding, 0, padding}};
  };
  const auto average = Pool::Kind::average, max = Pool::Kind::max;
  expect_near(pooled(average, window(3, 2, 1), true), {1, 4.6666667, 18.6666667, 16});
  expect_near(pooled(average, window(3, 2, 1), false), {1.5, 4.6666667, 18.6666667, 32});
  expect_near(pooled(average, window(4, 3, 2), true), {0.75, 7.5, 12});
  expect_near(pooled(average, window(4, 3, 2), false), {1.5, 7.5, 24});
  expect_near(pooled(average, window(2, 4, 1), true), {0.5, 12});
  expect_near(pooled(average, window(2, 4, 1), false), {1, 12});
  expect_near(pooled(max, window(3, 2, 1, 2), true), {8, 32, 32});
  expect_near(pooled(max, window(2, 3, 1, 3), true), {4, 32, 32});
  expect_near(pooled(max, window(1, 4, 0), true), {1, 16});
}

// By hand, from the two operators' definitions.
TEST(Reference, ChannelsBecomePixels) {
  Array x({8, 1, 1});
  for (std::int64_t c = 0; c < 8; ++c) x[c] = static_cast<double>(c);
  expect_near(depth_to_space({2, DepthToSpace::Order::color_first}, x, {2, 2, 2}),
              {0, 1, 2, 3, 4, 5, 6, 7});
  expect_near(depth_to_space({2, DepthToSpace::Order::depth_first}, x, {2, 2, 2}),
              {0, 2, 4, 6, 1, 3, 5, 7});
}
// Caffe, PyTorch and TensorFlow agree.
TEST(Reference, ReluAtZeroHasTheGradientOfBelow) {
  const Graph graph = network_of(Relu{0.25f});
  Array canvas({3, 1, 2});
  canvas[1] = 1;
  const Array grad = grad_of_sum(graph, forward(graph, canvas));
  EXPECT_EQ(grad[0], 0.25);
  EXPECT_EQ(grad[1], 1);
}

// Cells beyond the padding, where the last windows of a size rounded up end, are not in the mean.
TEST(Reference, CaffeAveragesOverThePaddedPicture) {
  const Graph graph =
      network_of(Pool{Pool::Kind::average, square(3, 2, 0), false, Pool::Rounding::up, true});
  Array canvas({3, 6, 6});
  for (double& v : canvas.elements()) v = 7;
  const std::vector<Array> values = forward(graph, canvas);
  ASSERT_EQ(values[1].shape(), (Shape{3, 3, 3}));
  for (double v : values[1].elements()) EXPECT_DOUBLE_EQ(v, 7);
}

// Caffe's rule for sizes and for ties, by hand.
TEST(Reference, CaffePoolRoundsUpAndTakesTheFirstMaximum) {
  const Graph graph =
      network_of(Pool{Pool::Kind::max, square(3, 2, 0), false, Pool::Rounding::up, true});
  Array canvas({3, 6, 6});
  for (std::int64_t i = 0; i < 36; ++i) canvas[i] = 7;
  const std::vector<Array> values = forward(graph, canvas);
  ASSERT_EQ(values[1].shape(), (Shape{3, 3, 3}));  // ceil((6 - 3) / 2) + 1
  const Array grad = grad_of_sum(graph, values);
  for (std::int64_t y = 0; y < 6; ++y)
    for (std::int64_t x = 0; x < 6; ++x)
      EXPECT_EQ(grad.view().at(0, y, x), y % 2 == 0 && x % 2 == 0 ? 1 : 0) << y << "," << x;
}

}  // namespace
}  // namespace reverie::reference
