// What each kind of node becomes.
#include "reverie/model/formats/tensorflow/graph_def_fixture.h"

namespace reverie::tensorflow {
namespace {

// input -> c, a 1x1 convolution to 4 channels, which later nodes read.
TestGraph on_four_channels(const std::string& format = "NHWC") {
  TestGraph net;
  net.input(format == "NHWC" ? Extents{-1, -1, -1, 3} : Extents{-1, 3, -1, -1});
  return net.counting("w", {1, 1, 3, 4}).conv("c", "input", "w", text("data_format", format));
}

TEST(TensorFlowOps, ConvolutionTurnsItsFilter) {
  TestGraph net;
  net.input().counting("w", {2, 3, 3, 5});
  net.node(
      "c", "Conv2D", {"input", "w"},
      list("strides", {1, 2, 3, 1}) + text("padding", "VALID") + list("dilations", {1, 4, 5, 1}));
  const auto conv = op_of<Convolution>(net.read(), "c");
  EXPECT_EQ(conv.window, (Window{2, 3, 2, 3, 4, 5, {}}));
  EXPECT_EQ(conv.weights->shape(), (Shape{5, 3, 2, 3}));
  for (std::int64_t o = 0; o < 5; ++o)
    for (std::int64_t i = 0; i < 3; ++i)
      for (std::int64_t h = 0; h < 2; ++h)
        for (std::int64_t w = 0; w < 3; ++w)
          ASSERT_EQ((*conv.weights)[((o * 3 + i) * 2 + h) * 3 + w],
                    static_cast<float>(1 + ((h * 3 + w) * 3 + i) * 5 + o));
  EXPECT_EQ(conv.bias, nullptr);
  EXPECT_EQ(conv.groups, 1);
}

TEST(TensorFlowOps, ConvolutionInChannelsFirst) {
  TestGraph net;
  net.input({-1, 3, -1, -1}).counting("w", {1, 1, 3, 4});
  net.node("c", "Conv2D", {"input", "w"},
           list("strides", {1, 1, 2, 3}) + text("padding", "EXPLICIT") +
               list("explicit_paddings", {0, 0, 0, 0, 1, 2, 3, 4}) + text("data_format", "NCHW"));
  const auto conv = op_of<Convolution>(net.read(), "c");
  EXPECT_EQ(conv.window, (Window{1, 1, 2, 3, 1, 1, {Padding::Rule::given, 1, 3, 2, 4}}));
}

TEST(TensorFlowOps, ConvolutionInGroupsAndDepthwise) {
  TestGraph net = on_four_channels();
  net.counting("wg", {1, 1, 2, 6}).conv("grouped", "c", "wg");
  net.counting("wd", {3, 3, 4, 2});
  net.node("depthwise", "DepthwiseConv2dNative", {"c", "wd"},
           list("strides", {1, 1, 1, 1}) + text("padding", "SAME"));
  const Graph graph = net.read();
  EXPECT_EQ(op_of<Convolution>(graph, "grouped").groups, 2);
  EXPECT_EQ(op_of<Convolution>(graph, "grouped").weights->shape(), (Shape{6, 2, 1, 1}));
  const auto depthwise = op_of<Convolution>(graph, "depthwise");
  EXPECT_EQ(depthwise.groups, 4);
  EXPECT_EQ(depthwise.weights->shape(), (Shape{8, 1, 3, 3}));
  EXPECT_EQ((*depthwise.weights)[3 * 9 + 4], static_cast<float>(1 + 4 * 8 + 3));
  EXPECT_EQ(depthwise.window.padding.rule, Padding::Rule::same);
}

TEST(TensorFlowOps, ABiasMakesASecondLayerWithTheSameWeights) {
  for (const std::string format : {"NHWC", "NCHW"}) {
    TestGraph net = on_four_channels(format);
    net.floats("b", {4}, {1, 2, 3, 4});
    net.node("biased", "BiasAdd", {"c", "b"}, text("data_format", format));
    net.node("added", "Add", {"c", "b4"}).floats("b4", {4, 1, 1}, {5, 6, 7, 8});
    net.node("twice", "BiasAdd", {"biased", "b"}, text("data_format", format));
    const Graph graph = net.read();
    EXPECT_EQ(op_of<Convolution>(graph, "c").bias, nullptr);
    const auto biased = op_of<Convolution>(graph, "biased");
    EXPECT_EQ(biased.weights, op_of<Convolution>(graph, "c").weights);
    EXPECT_EQ(numbers(biased.bias), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(read_by(graph, "biased"), "input");
    if (format == "NCHW")
      EXPECT_EQ(numbers(op_of<Convolution>(graph, "added").bias), (Numbers{5, 6, 7, 8}));
    else
      EXPECT_EQ(unknown_of(graph, "added"), "Add by a constant that is not one number per channel");
    EXPECT_EQ(numbers(op_of<Affine>(graph, "twice").shift), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(read_by(graph, "twice"), "biased");
  }
}

TEST(TensorFlowOps, Pools) {
  TestGraph net = on_four_channels();
  const std::string window = list("ksize", {1, 3, 2, 1}) + list("strides", {1, 2, 1, 1});
  net.node("most", "MaxPool", {"c"}, window + text("padding", "SAME"));
  net.node("mean", "AvgPool", {"c"}, window + text("padding", "VALID"));
  net.node("deep", "MaxPool", {"c"}, list("ksize", {1, 1, 1, 2}) + text("padding", "VALID"));
  const Graph graph = net.read();
  const auto most = op_of<Pool>(graph, "most");
  EXPECT_EQ(most.kind, Pool::Kind::max);
  EXPECT_EQ(most.window, (Window{3, 2, 2, 1, 1, 1, {Padding::Rule::same, 0, 0, 0, 0}}));
  EXPECT_EQ(most.rounding, Pool::Rounding::down);
  const auto mean = op_of<Pool>(graph, "mean");
  EXPECT_EQ(mean.kind, Pool::Kind::average);
  EXPECT_FALSE(mean.count_padding);
  EXPECT_EQ(mean.window.padding, Padding{});
  EXPECT_EQ(unknown_of(graph, "deep"), "MaxPool over channels");
}

TEST(TensorFlowOps, LrnIsNotDividedByItsSize) {
  TestGraph net = on_four_channels();
  net.node(
      "n", "LRN", {"c"},
      integer("depth_radius", 3) + real("alpha", 0.5f) + real("beta", 0.25f) + real("bias", 2));
  net.node("usual", "LRN", {"c"});
  const auto lrn = op_of<Lrn>(net.read(), "n");
  EXPECT_EQ(lrn.size, 7);
  EXPECT_EQ(lrn.alpha, 0.5f);
  EXPECT_EQ(lrn.beta, 0.25f);
  EXPECT_EQ(lrn.k, 2);
  const auto usual = op_of<Lrn>(net.read(), "usual");
  EXPECT_EQ(usual.size, 11);
  EXPECT_EQ(usual.k, 1);
}

TEST(TensorFlowOps, Activations) {
  TestGraph net = on_four_channels();
  net.node("relu", "Relu", {"c"}).node("relu6", "Relu6", {"c"});
  net.node("leaky", "LeakyRelu", {"c"}, real("alpha", 0.125f));
  net.floats("zero", {}, {0}).node("maximum", "Maximum", {"c", "zero"});
  net.node("softmax", "Softmax", {"c"});
  const Graph graph = net.read();
  EXPECT_EQ(op_of<Relu>(graph, "relu").negative_slope, 0);
  EXPECT_EQ(op_of<Relu>(graph, "relu6").ceiling, 6);
  EXPECT_EQ(op_of<Relu>(graph, "leaky").negative_slope, 0.125f);
  EXPECT_EQ(op_of<Relu>(graph, "maximum").negative_slope, 0);
  EXPECT_NO_THROW(op_of<Softmax>(graph, "softmax"));
}

TEST(TensorFlowOps, BatchNorms) {
  TestGraph net = on_four_channels();
  net.floats("gamma", {4}, {1, 2, 3, 4}).floats("beta", {4}, {10, 20, 30, 40});
  net.floats("mean", {4}, {1, 1, 2, 2}).floats("var", {4}, {0.75f, 3.75f, 0.75f, 3.75f});
  const std::string epsilon = real("epsilon", 0.25f);
  net.node("fused", "FusedBatchNormV3", {"c", "gamma", "beta", "mean", "var"},
           epsilon + flag("is_training", false));
  net.node("training", "FusedBatchNorm", {"c", "gamma", "beta", "mean", "var"},
           epsilon + flag("is_training", true));
  const auto old = [&](const char* name, bool scale) {
    net.node(name, "BatchNormWithGlobalNormalization", {"c", "mean", "var", "beta", "gamma"},
             real("variance_epsilon", 0.25f) + flag("scale_after_normalization", scale));
  };
  old("scaled", true);
  old("plain", false);
  const Graph graph = net.read();
  for (const char* name : {"fused", "scaled"}) {
    EXPECT_EQ(numbers(op_of<Affine>(graph, name).scale), (Numbers{1, 1, 3, 2})) << name;
    EXPECT_EQ(numbers(op_of<Affine>(graph, name).shift), (Numbers{9, 19, 24, 36})) << name;
  }
  EXPECT_EQ(numbers(op_of<Affine>(graph, "plain").scale), (Numbers{1, 0.5f, 1, 0.5f}));
  EXPECT_EQ(unknown_of(graph, "training"), "FusedBatchNorm in training");
}

// A batch norm that was taken apart: scale = gamma * rsqrt(var + eps); x * scale + (beta - mean *
// scale)
TEST(TensorFlowOps, ABatchNormInPiecesIsPutTogether) {
  TestGraph net = on_four_channels();
  net.floats("gamma", {4}, {1, 2, 3, 4}).floats("beta", {4}, {10, 20, 30, 40});
  net.floats("mean", {4}, {1, 1, 2, 2}).floats("var", {4}, {0.75f, 3.75f, 0.75f, 3.75f});
  net.floats("eps", {}, {0.25f}).node("var/read", "Identity", {"var"});
  net.node("add", "Add", {"var/read", "eps"}).node("rsqrt", "Rsqrt", {"add"});
  net.node("scale", "Mul", {"rsqrt", "gamma"});
  net.node("scaled", "Mul", {"c", "scale"});
  net.node("back", "Mul", {"mean", "scale"}).node("shift", "Sub", {"beta", "back"});
  net.node("done", "AddV2", {"scaled", "shift"});
  const Graph graph = net.read();
  EXPECT_EQ(numbers(op_of<Affine>(graph, "scaled").scale), (Numbers{1, 1, 3, 2}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "scaled").shift), (Numbers{0, 0, 0, 0}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "done").shift), (Numbers{9, 19, 24, 36}));
  EXPECT_EQ(graph.layers.size(), 4u);
}

TEST(TensorFlowOps, ArithmeticWithConstants) {
  TestGraph net = on_four_channels();
  net.node("relu", "Relu", {"c"}).floats("two", {}, {2}).floats("row", {1, 1, 1, 4}, {1, 2, 3, 4});
  net.floats("column", {4, 1}, {1, 2, 3, 4});
  net.node("minus", "Sub", {"relu", "row"}).node("from", "Sub", {"row", "relu"});
  net.node("over", "RealDiv", {"relu", "two"}).node("under", "RealDiv", {"two", "relu"});
  net.node("times", "Mul", {"column", "relu"}).node("capped", "Minimum", {"relu", "two"});
  const Graph graph = net.read();
  EXPECT_EQ(numbers(op_of<Affine>(graph, "minus").shift), (Numbers{-1, -2, -3, -4}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "minus").scale), (Numbers{1, 1, 1, 1}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "from").shift), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "from").scale), (Numbers{-1, -1, -1, -1}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "over").scale), (Numbers{0.5f, 0.5f, 0.5f, 0.5f}));
  EXPECT_EQ(unknown_of(graph, "under"), "RealDiv of a constant by a value");
  EXPECT_EQ(unknown_of(graph, "times"), "Mul by a constant that is not one number per channel");
  EXPECT_EQ(unknown_of(graph, "capped"), "Minimum");
}

TEST(TensorFlowOps, ArithmeticOfValues) {
  TestGraph net = on_four_channels();
  net.node("a", "Relu", {"c"}).node("sum", "Add", {"a", "c"});
  net.node("minus", "Sub", {"a", "c"}).node("times", "Mul", {"a", "c"});
  net.node("most", "Maximum", {"a", "c"}).node("many", "AddN", {"a", "c", "sum"});
  net.ints("axes", {2}, {1, 2}).node("mean", "Mean", {"a", "axes"});
  net.node("gate", "Mul", {"a", "mean"}).node("unequal", "Add", {"a", "input"});
  const Graph graph = net.read();
  EXPECT_EQ(op_of<Eltwise>(graph, "sum").operation, Eltwise::Operation::sum);
  EXPECT_EQ(op_of<Eltwise>(graph, "minus").coefficients, (Numbers{1, -1}));
  EXPECT_EQ(op_of<Eltwise>(graph, "times").operation, Eltwise::Operation::product);
  EXPECT_EQ(op_of<Eltwise>(graph, "most").operation, Eltwise::Operation::maximum);
  EXPECT_EQ(layer_of(graph, "many").inputs.size(), 3u);
  EXPECT_EQ(unknown_of(graph, "gate"), "Mul of values of different shapes");
  EXPECT_EQ(unknown_of(graph, "unequal"), "Add of values of different shapes");
}

TEST(TensorFlowOps, ConcatsOfBothForms) {
  TestGraph net = on_four_channels();
  net.ints("axis", {}, {3}).ints("last", {}, {-1}).ints("height", {}, {1});
  net.node("old", "Concat", {"axis", "c", "c"}).node("new", "ConcatV2", {"c", "input", "last"});
  net.node("tall", "ConcatV2", {"c", "c", "height"});
  const Graph graph = net.read();
  EXPECT_EQ(layer_of(graph, "old").inputs.size(), 2u);
  EXPECT_EQ(read_by(graph, "new", 1), "input");
  EXPECT_EQ(unknown_of(graph, "tall"), "ConcatV2 along another axis than the channels");

  TestGraph first = on_four_channels("NCHW");
  first.ints("axis", {}, {1}).node("both", "ConcatV2", {"c", "c", "axis"});
  EXPECT_NO_THROW(op_of<Concat>(first.read(), "both"));
}

TEST(TensorFlowOps, PaddingMovesIntoTheWindowThatReadsIt) {
  TestGraph net = on_four_channels();
  net.ints("by", {4, 2}, {0, 0, 1, 2, 2, 1, 0, 0}).node("pad", "Pad", {"c", "by"});
  net.counting("w3", {3, 3, 4, 1});
  net.node("conv", "Conv2D", {"pad", "w3"},
           list("strides", {1, 1, 1, 1}) + text("padding", "VALID"));
  net.conv("same", "pad", "w3");
  const std::string window =
      list("ksize", {1, 3, 3, 1}) + list("strides", {1, 2, 2, 1}) + text("padding", "VALID");
  net.node("mean", "AvgPool", {"pad"}, window).node("most", "MaxPool", {"pad"}, window);
  net.node("relu", "Relu", {"c"}).node("pad2", "Pad", {"relu", "by"});
  net.node("most2", "MaxPool", {"pad2"}, window);
  net.ints("deep", {4, 2}, {0, 0, 0, 0, 0, 0, 1, 1}).node("thick", "Pad", {"c", "deep"});
  const Graph graph = net.read();
  const Padding given{Padding::Rule::given, 1, 2, 2, 1};
  EXPECT_EQ(op_of<Convolution>(graph, "conv").window.padding, given);
  EXPECT_EQ(read_by(graph, "conv"), "c");
  EXPECT_EQ(read_by(graph, "same"), "pad");
  EXPECT_EQ(op_of<Pool>(graph, "mean").window.padding, given);
  EXPECT_TRUE(op_of<Pool>(graph, "mean").count_padding);
  EXPECT_EQ(read_by(graph, "mean"), "c");

  // A maximum sees the zeros, unless nothing is below them
  EXPECT_EQ(read_by(graph, "most"), "pad");
  EXPECT_EQ(op_of<Pool>(graph, "most").window.padding, Padding{});
  EXPECT_EQ(read_by(graph, "most2"), "relu");
  EXPECT_FALSE(op_of<Pool>(graph, "most2").count_padding);
  EXPECT_EQ(op_of<Pool>(graph, "most2").window.padding, given);

  const auto pad = op_of<Convolution>(graph, "pad");
  EXPECT_EQ(pad.groups, 4);
  EXPECT_EQ(pad.window.padding, given);
  EXPECT_EQ(numbers(pad.weights), (Numbers{1, 1, 1, 1}));
  EXPECT_EQ(unknown_of(graph, "thick"), "Pad with other than zeros around the picture");
}

TEST(TensorFlowOps, MeansOverThePicture) {
  TestGraph net = on_four_channels();
  net.ints("hw", {2}, {1, 2}).ints("back", {2}, {-2, -3}).ints("channels", {1}, {3});
  net.node("mean", "Mean", {"c", "hw"}).node("most", "Max", {"c", "back"});
  net.node("odd", "Mean", {"c", "channels"});
  const Graph graph = net.read();
  EXPECT_TRUE(op_of<Pool>(graph, "mean").global);
  EXPECT_EQ(op_of<Pool>(graph, "mean").kind, Pool::Kind::average);
  EXPECT_EQ(op_of<Pool>(graph, "most").kind, Pool::Kind::max);
  EXPECT_EQ(unknown_of(graph, "odd"), "Mean over other axes than height and width");

  TestGraph first = on_four_channels("NCHW");
  first.ints("hw", {2}, {2, 3}).node("mean", "Mean", {"c", "hw"});
  EXPECT_TRUE(op_of<Pool>(first.read(), "mean").global);
}

// A matrix of 2 x 3 positions of 4 channels to 5 features: number r * 5 + o for row r
TEST(TensorFlowOps, AMatrixReadsTheOrderThatWasFlattened) {
  for (const bool channels_first : {false, true}) {
    TestGraph net = on_four_channels(channels_first ? "NCHW" : "NHWC");
    net.ints("list", {2}, {-1, 24}).node("flat", "Reshape", {"c", "list"});
    net.counting("m", {24, 5}, 0).node("product", "MatMul", {"flat", "m"});
    net.floats("b", {5}, {1, 2, 3, 4, 5}).node("logits", "BiasAdd", {"product", "b"});
    net.node("softmax", "Softmax", {"logits"});
    const Graph graph = net.read();
    const auto product = op_of<InnerProduct>(graph, "product");
    ASSERT_EQ(product.weights->shape(), (Shape{5, 24}));
    for (std::int64_t o = 0; o < 5; ++o)
      for (std::int64_t c = 0; c < 4; ++c)
        for (std::int64_t place = 0; place < 6; ++place) {
          const std::int64_t row = channels_first ? c * 6 + place : place * 4 + c;
          ASSERT_EQ((*product.weights)[o * 24 + c * 6 + place], static_cast<float>(row * 5 + o));
        }
    EXPECT_EQ(numbers(op_of<InnerProduct>(graph, "logits").bias), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(graph.find("flat"), graph.find("c"));
    EXPECT_NO_THROW(op_of<Softmax>(graph, "softmax"));
  }
}

TEST(TensorFlowOps, AMatrixMayBeTransposed) {
  TestGraph net = on_four_channels();
  net.ints("hw", {2}, {1, 2}).node("mean", "Mean", {"c", "hw"});
  net.counting("m", {2, 4}).node("product", "MatMul", {"mean", "m"}, flag("transpose_b", true));
  net.counting("n", {4, 2}).node("straight", "MatMul", {"mean", "n"});
  net.node("turned", "MatMul", {"mean", "n"}, flag("transpose_a", true));
  const Graph graph = net.read();
  EXPECT_EQ(numbers(op_of<InnerProduct>(graph, "product").weights),
            (Numbers{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(numbers(op_of<InnerProduct>(graph, "straight").weights),
            (Numbers{1, 3, 5, 7, 2, 4, 6, 8}));
  EXPECT_EQ(unknown_of(graph, "turned"), "MatMul");
}

TEST(TensorFlowOps, ReshapesThatAreNotLists) {
  TestGraph net = on_four_channels();
  net.ints("rows", {2}, {-1, 4}).node("positions", "Reshape", {"c", "rows"});
  net.ints("five", {5}, {1, 4, 4, 2, 2}).node("shuffle", "Reshape", {"c", "five"});
  net.ints("minus", {}, {-1})
      .node("size", "Shape", {"c"})
      .node("packed", "Pack", {"size", "minus"});
  net.node("flat", "Reshape", {"c", "packed"});
  net.node("squeezed", "Squeeze", {"c"}).node("sort", "TopKV2", {"flat"});
  const Graph graph = net.read();
  EXPECT_EQ(graph.find("positions"), graph.find("c"));
  EXPECT_EQ(graph.find("squeezed"), graph.find("c"));
  EXPECT_EQ(unknown_of(graph, "shuffle"), "Reshape to another shape than a list");
  EXPECT_EQ(unknown_of(graph, "sort"), "TopKV2");
}

TEST(TensorFlowOps, TransposesChangeWhereChannelsAre) {
  TestGraph net;
  net.input().ints("first", {4}, {0, 3, 1, 2}).node("t", "Transpose", {"input", "first"});
  net.counting("w", {1, 1, 3, 4}).conv("c", "t", "w", text("data_format", "NCHW"));
  net.conv("wrong", "t", "w");
  net.ints("last", {4}, {0, 2, 3, 1}).node("u", "Transpose", {"c", "last"});
  net.ints("axis", {}, {3}).node("both", "ConcatV2", {"u", "u", "axis"});
  const Graph graph = net.read();
  EXPECT_EQ(graph.find("t"), 0);
  EXPECT_EQ(op_of<Convolution>(graph, "c").weights->shape(), (Shape{4, 3, 1, 1}));
  EXPECT_EQ(unknown_of(graph, "wrong"), "Conv2D along another axis than the channels");
  EXPECT_NO_THROW(op_of<Concat>(graph, "both"));
}

TEST(TensorFlowOps, SettingsThatMakeNoSense) {
  const auto reading = [](const std::string& op, const std::string& attributes,
                          const Extents& filter = {1, 1, 3, 4}) {
    return [=] {
      TestGraph net;
      net.input().counting("w", filter);
      std::vector<std::string> inputs{"input"};
      if (op != "MaxPool") inputs.push_back("w");
      net.node("odd", op, inputs, attributes).read();
    };
  };
  const std::string same = text("padding", "SAME"), strides = list("strides", {1, 1, 1, 1});
  expect_error<BadModel>(reading("Conv2D", strides + text("padding", "FULL")),
                         {"'net.pb': node 'odd' (Conv2D): padding is 'FULL'", "SAME, VALID"});
  expect_error<BadModel>(reading("Conv2D", same + list("strides", {1, 0, 1, 1})),
                         {"strides is 0, expected 1..65536"});
  expect_error<BadModel>(reading("Conv2D", same + list("strides", {1, 1})),
                         {"strides has 2 numbers, expected 4"});
  expect_error<BadModel>(reading("Conv2D", same + strides, {1, 1, 5, 4}),
                         {"filter [1,1,5,4] does not fit 3 channels"});
  expect_error<BadModel>(reading("Conv2D", same + strides, {12}),
                         {"filter is [12], expected [height,width,in,out]"});
  expect_error<BadModel>(reading("BiasAdd", "", {4}), {"4 biases for 3 channels"});
  expect_error<BadModel>(
      reading("MaxPool", list("ksize", {1, 2, 2, 1}) + strides + text("padding", "EXPLICIT") +
                             list("explicit_paddings", {0, 0, 2, 2, 2, 2, 0, 0})),
      {"padding is not less than its kernel"});
  expect_error<BadModel>(reading("MatMul", "", {4, 2}), {"4 inputs, which 3 channels"});
}

}  // namespace
}  // namespace reverie::tensorflow
