// The layers that nodes become: operators one by one, and those that take several nodes.
#include <cmath>

#include "reverie/model/formats/onnx/onnx_reading_fixture.h"

namespace reverie {
namespace {

using namespace onnx_reading;
using Function = Activation::Function;

// Of a network whose picture is 8 x 12 with 8 channels at `c`.
TestModel eight_channels(std::int64_t opset = 17) {
  TestModel model(opset, {1, 3, 8, 12});
  model.add("w8", {8, 3, 1, 1}, 1, 0.5f).add(TestNode("Conv", {"x", "w8"}, "c"));
  return model;
}

std::string reason(const TestModel& model, const std::string& name = "y") {
  return op_of<UnknownLayer>(read(model), name).type;
}

TEST(OnnxLayers, ActivationsOfOneNode) {
  const auto activation = [](const TestNode& node) {
    TestModel model = eight_channels(20);
    return op_of<Activation>(read(model.add(node)), "y");
  };
  const auto function = [&](const char* type) { return activation(TestNode(type, {"c"}, "y")); };
  EXPECT_EQ(function("HardSwish").function, Function::hard_swish);
  EXPECT_EQ(function("Mish").function, Function::mish);
  EXPECT_EQ(function("Tanh").function, Function::tanh);
  EXPECT_EQ(function("Softplus").function, Function::softplus);
  EXPECT_EQ(function("Erf").function, Function::erf);
  EXPECT_EQ(function("Exp").function, Function::exp);
  EXPECT_EQ(function("Log").function, Function::log);
  EXPECT_EQ(function("Abs").function, Function::absolute);
  EXPECT_EQ(function("Gelu").function, Function::gelu);
  EXPECT_EQ(activation(TestNode("Gelu", {"c"}, "y").set("approximate", "tanh")).function,
            Function::gelu_tanh);
  EXPECT_EQ(function("Swish").a, 1);
  EXPECT_EQ(function("Sqrt").a, 0.5f);
  EXPECT_EQ(function("Reciprocal").a, -1);
  EXPECT_EQ(function("HardSigmoid").a, 0.2f);
  EXPECT_EQ(function("HardSigmoid").b, 0.5f);
  EXPECT_EQ(activation(TestNode("HardSigmoid", {"c"}, "y").set("alpha", 0.25f)).a, 0.25f);
  EXPECT_EQ(activation(TestNode("Elu", {"c"}, "y").set("alpha", 0.5f)).a, 0.5f);
  EXPECT_FLOAT_EQ(function("Selu").a, 1.6732632f);
  EXPECT_FLOAT_EQ(function("Selu").b, 1.0507010f);
  EXPECT_EQ(activation(TestNode("Celu", {"c"}, "y").set("alpha", 2.f)).b, 2);
}

TEST(OnnxLayers, PowersAndBounds) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("two", {}, {2})).add(onnx::tensor("zero", {}, {0}));
  model.add(TestNode("Pow", {"c", "two"}, "square")).add(TestNode("Neg", {"c"}, "negative"));
  model.add(TestNode("Max", {"c", "zero"}, "relu")).add(TestNode("Min", {"c", "two"}, "below"));
  model.add(TestNode("Div", {"two", "c"}, "over"));
  model.add(TestNode("Div", {"x", "x"}, "quotient")).add(TestNode("Min", {"x", "x"}, "least"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Activation>(graph, "square").a, 2);
  EXPECT_EQ((*op_of<Affine>(graph, "negative").scale)[7], -1);
  op_of<Relu>(graph, "relu");
  EXPECT_EQ(op_of<Activation>(graph, "below").b, 2);
  // 2 / x = 2 * x^-1
  EXPECT_EQ((*op_of<Affine>(graph, "over").scale)[0], 2);
  EXPECT_EQ(op_of<Activation>(graph, "over/reciprocal").a, -1);
  EXPECT_EQ(op_of<Eltwise>(graph, "quotient").operation, Eltwise::Operation::product);
  EXPECT_EQ((*op_of<Affine>(graph, "least").scale)[0], -1);
}

TEST(OnnxLayers, PreluForEachChannel) {
  const auto slopes = [](std::int64_t opset, const Integers& extents) {
    TestModel model = eight_channels(opset);
    model.add("s", extents, 1, 1).add(TestNode("PRelu", {"c", "s"}, "y"));
    return list(op_of<Prelu>(read(model), "y").slope);
  };
  const Floats each{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(slopes(17, {8, 1, 1}), each);
  EXPECT_EQ(slopes(6, {8}), each);
}

// Squeeze and excitation: each channel times one number.
TEST(OnnxLayers, MultipliesByOneNumberAChannel) {
  TestModel model = eight_channels();
  model.add(TestNode("ReduceMean", {"c"}, "m").set("axes", Integers{-1, -2}));
  model.add(TestNode("HardSigmoid", {"m"}, "s")).add(TestNode("Mul", {"s", "c"}, "y"));
  model.add(TestNode("ReduceMean", {"c"}, "plane").set("axes", Integers{1}));
  model.add(TestNode("Mul", {"c", "plane"}, "z"));
  const Graph graph = read(model);
  EXPECT_EQ(shape_of(graph, "y", 8, 12), (Shape{8, 8, 12}));
  // Spatial attention: each pixel times one number
  EXPECT_EQ(shape_of(graph, "plane", 8, 12), (Shape{1, 8, 12}));
  EXPECT_EQ(shape_of(graph, "z", 8, 12), (Shape{8, 8, 12}));
  EXPECT_EQ((*op_of<Convolution>(graph, "plane").weights)[3], 0.125f);
}

TEST(OnnxLayers, TakesAndJoinsChannels) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("sizes", {3, 5})).add(onnx::tensor("one", Integers{1}));
  model.add(onnx::tensor("four", Integers{4})).add(onnx::tensor("all", Integers{1LL << 62}));
  model.add(onnx::tensor("pick", {2, 1, 0}));
  model.add(TestNode("Split", {"c", "sizes"}, "a").also_gives("b").set("axis", 1));
  model.add(TestNode("Slice", {"c", "four", "all", "one"}, "s"));
  model.add(TestNode("Gather", {"c", "pick"}, "g").set("axis", 1));
  model.add(TestNode("Concat", {"b", "a"}, "y").set("axis", 1));
  model.add(TestNode("Relu", {"a"}, "ra")).add(TestNode("Relu", {"b"}, "rb"));
  model.add(TestNode("Relu", {"s"}, "rs")).add(TestNode("Relu", {"g"}, "rg"));
  model.add(TestNode("Concat", {"rs", "rg"}, "z").set("axis", 1));
  model.add(TestNode("Split", {"c"}, "h1").also_gives("h2").set("axis", 1));
  const Graph graph = read(model);
  const auto channels = [&](const char* name) {
    return op_of<SelectChannels>(graph, name).channels;
  };
  EXPECT_EQ(channels("a"), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(channels("b"), (std::vector<int>{3, 4, 5, 6, 7}));
  EXPECT_EQ(channels("s"), (std::vector<int>{4, 5, 6, 7}));
  EXPECT_EQ(channels("g"), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(channels("h2"), (std::vector<int>{4, 5, 6, 7}));
  // Parts of one layer that are joined again are a selection
  EXPECT_EQ(channels("y"), (std::vector<int>{3, 4, 5, 6, 7, 0, 1, 2}));
  EXPECT_EQ(shape_of(graph, "z", 8, 12), (Shape{7, 8, 12}));

  TestModel rows = eight_channels();
  rows.add(onnx::tensor("i", Integers{1})).add(TestNode("Gather", {"c", "i"}, "y").set("axis", 2));
  EXPECT_EQ(reason(rows), "Gather of rows or columns");
}

// Every other cell: a convolution with a single weight, as YOLO's first layer has them.
TEST(OnnxLayers, TakesEveryOtherPixel) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("first", {1})).add(onnx::tensor("end", Integers{1LL << 62}));
  model.add(onnx::tensor("axis", {2})).add(onnx::tensor("two", {2})).add(onnx::tensor("cut", {-1}));
  model.add(TestNode("Slice", {"c", "first", "end", "axis", "two"}, "y"));
  model.add(TestNode("Slice", {"c", "first", "cut", "axis"}, "border"));
  const Graph graph = read(model);
  const auto conv = op_of<Convolution>(graph, "y");
  EXPECT_EQ(conv.groups, 8);
  EXPECT_EQ(conv.window.stride_h, 2);
  EXPECT_EQ(list(conv.weights)[1], 1);
  EXPECT_EQ(shape_of(graph, "y", 8, 12), (Shape{8, 4, 12}));
  EXPECT_EQ(shape_of(graph, "y", 9, 12), (Shape{8, 4, 12}));
  EXPECT_EQ(shape_of(graph, "border", 8, 12), (Shape{8, 6, 12}));
}

// torchvision's transform_input: channels taken apart, scaled, joined.
TEST(OnnxLayers, TransformedInputIsOneAffine) {
  TestModel model(13, {1, 3, 8, 8});
  model.add(onnx::tensor("axis", Integers{1}));
  for (int c = 0; c < 3; ++c) {
    const std::string n = std::to_string(c);
    Message index;
    index.integer(2, 7)
        .text(8, "i" + n)
        .text(9, Message::little_endian(static_cast<std::uint64_t>(c), 8));
    model.add(index)
        .add(onnx::tensor("s" + n, {}, {0.5f}))
        .add(onnx::tensor("b" + n, {}, {static_cast<float>(c)}));
    model.add(TestNode("Gather", {"x", "i" + n}, "g" + n).set("axis", 1));
    model.add(TestNode("Unsqueeze", {"g" + n, "axis"}, "u" + n));
    model.add(TestNode("Mul", {"u" + n, "s" + n}, "m" + n));
    model.add(TestNode("Add", {"m" + n, "b" + n}, "a" + n));
  }
  model.add(TestNode("Concat", {"a0", "a1", "a2"}, "y").set("axis", 1));
  const Graph graph = read(model);
  ASSERT_EQ(graph.layers.size(), 2u);
  EXPECT_EQ(list(op_of<Affine>(graph, "y").scale), (Floats{0.5f, 0.5f, 0.5f}));
  EXPECT_EQ(list(op_of<Affine>(graph, "y").shift), (Floats{0, 1, 2}));
}

TEST(OnnxLayers, ShufflesChannels) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("groups", {1, 2, 4, 8, 12})).add(onnx::tensor("back", {1, -1, 8, 12}));
  model.add(TestNode("Reshape", {"c", "groups"}, "r"));
  model.add(TestNode("Transpose", {"r"}, "t").set("perm", Integers{0, 2, 1, 3, 4}));
  model.add(TestNode("Reshape", {"t", "back"}, "y")).add(TestNode("Relu", {"y"}, "z"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<SelectChannels>(graph, "y").channels, (std::vector<int>{0, 4, 1, 5, 2, 6, 3, 7}));
  EXPECT_EQ(shape_of(graph, "z", 20, 30), (Shape{8, 20, 30}));
}

// The same with sizes that nodes compute, as exporters write it for pictures of any size.
TEST(OnnxLayers, FollowsComputedSizes) {
  TestModel model(13);
  model.add("w8", {8, 3, 1, 1}).add(TestNode("Conv", {"x", "w8"}, "c"));
  model.add(onnx::tensor("two", Integers{2})).add(onnx::tensor("axis", Integers{0}));
  model.add(TestNode("Shape", {"c"}, "s"));
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    model.add(onnx::tensor("k" + n, Integers{i})).add(TestNode("Gather", {"s", "k" + n}, "e" + n));
  }
  model.add(TestNode("Div", {"e1", "two"}, "half"));
  model.add(TestNode("Concat", {"e0", "two", "half", "e2", "e3"}, "to").set("axis", 0));
  model.add(TestNode("Concat", {"e0", "e1", "e2", "e3"}, "back").set("axis", 0));
  model.add(TestNode("Reshape", {"c", "to"}, "r"));
  model.add(TestNode("Transpose", {"r"}, "t").set("perm", Integers{0, 2, 1, 3, 4}));
  model.add(TestNode("Reshape", {"t", "back"}, "y"));
  EXPECT_EQ(op_of<SelectChannels>(read(model), "y").channels[1], 4);
}

TEST(OnnxLayers, MakesPixelsOfChannels) {
  TestModel model = eight_channels();
  model.add(TestNode("DepthToSpace", {"c"}, "y").set("blocksize", 2).set("mode", "CRD"));
  model.add(onnx::tensor("six", {1, 2, 2, 2, 8, 12})).add(onnx::tensor("four", {1, 2, 16, 24}));
  model.add(TestNode("Reshape", {"c", "six"}, "r"));
  model.add(TestNode("Transpose", {"r"}, "t").set("perm", Integers{0, 1, 4, 2, 5, 3}));
  model.add(TestNode("Reshape", {"t", "four"}, "z"));
  model.add(TestNode("SpaceToDepth", {"c"}, "s").set("blocksize", 2));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<DepthToSpace>(graph, "y").order, DepthToSpace::Order::color_first);
  EXPECT_EQ(op_of<DepthToSpace>(graph, "z").order, DepthToSpace::Order::color_first);
  EXPECT_EQ(layer_of(graph, "z").inputs[0], graph.find("c"));
  EXPECT_EQ(shape_of(graph, "z", 8, 12), (Shape{2, 16, 24}));
  EXPECT_EQ(shape_of(graph, "s", 8, 12), (Shape{32, 4, 6}));
}

// ConvNeXt's: channels last, where a matrix is a convolution.
TEST(OnnxLayers, ReadsBlocksWithChannelsLast) {
  TestModel model = eight_channels();
  model.add("g", {8}, 1, 0).add("b", {8}, 0, 0).add("m", {8, 2}).add("bias", {2});
  model.add("scale", {2, 1, 1});
  model.add(TestNode("Transpose", {"c"}, "t").set("perm", Integers{0, 2, 3, 1}));
  model.add(TestNode("LayerNormalization", {"t", "g", "b"}, "n").set("epsilon", 1e-6f));
  model.add(TestNode("MatMul", {"n", "m"}, "mm")).add(TestNode("Add", {"bias", "mm"}, "l"));
  model.add(TestNode("Transpose", {"l"}, "u").set("perm", Integers{0, 3, 1, 2}));
  model.add(TestNode("Mul", {"scale", "u"}, "y"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Normalize>(graph, "n").over, Normalize::Over::pixel);
  EXPECT_EQ(op_of<Normalize>(graph, "n").epsilon, 1e-6f);
  EXPECT_EQ(op_of<Convolution>(graph, "mm").weights->shape(), (Shape{2, 8, 1, 1}));
  EXPECT_EQ(list(op_of<Convolution>(graph, "mm").weights)[1], 3);
  EXPECT_EQ(list(op_of<Affine>(graph, "y").scale), (Floats{1, 2}));
  EXPECT_EQ(shape_of(graph, "y", 8, 12), (Shape{2, 8, 12}));
}

TestModel layer_norm_by_parts(bool with_products) {
  TestModel model = eight_channels(13);
  model.add(onnx::tensor("two", {}, {2})).add(onnx::tensor("eps", {}, {1e-3f}));
  model.add("g", {8, 1, 1}, 2, 0).add("b", {8, 1, 1}, 1, 1);
  model.add(TestNode("ReduceMean", {"c"}, "m").set("axes", Integers{1}));
  model.add(TestNode("Sub", {"c", "m"}, "d"));
  model.add(with_products ? TestNode("Mul", {"d", "d"}, "p") : TestNode("Pow", {"d", "two"}, "p"));
  model.add(TestNode("ReduceMean", {"p"}, "v").set("axes", Integers{1}));
  model.add(TestNode("Add", {"v", "eps"}, "e")).add(TestNode("Sqrt", {"e"}, "q"));
  model.add(TestNode("Div", {"d", "q"}, "n")).add(TestNode("Mul", {"n", "g"}, "s"));
  return model.add(TestNode("Add", {"b", "s"}, "y"));
}

TEST(OnnxLayers, LayerNormalizationByParts) {
  for (const bool with_products : {false, true}) {
    const Graph graph = read(layer_norm_by_parts(with_products));
    ASSERT_EQ(graph.layers.size(), 3u);
    const auto norm = op_of<Normalize>(graph, "y");
    EXPECT_EQ(norm.over, Normalize::Over::pixel);
    EXPECT_EQ(norm.groups, 1);
    EXPECT_FLOAT_EQ(norm.epsilon, 1e-3f);
    EXPECT_EQ(list(norm.scale)[7], 2);
    EXPECT_EQ(list(norm.shift)[7], 8);
  }
  // What another layer reads, or the network gives, stays
  TestModel read_again = layer_norm_by_parts(false);
  read_again.add(TestNode("Relu", {"v"}, "r"));
  EXPECT_GE(read(read_again).find("v"), 0);
  TestModel given = layer_norm_by_parts(false);
  EXPECT_GE(read(given.output("d")).find("d"), 0);
}

// PyTorch's group norm: an instance norm over groups that a Reshape makes.
TEST(OnnxLayers, GroupNormalization) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("groups", {0, 2, -1})).add(onnx::tensor("back", {1, 8, 8, 12}));
  model.add("ones", {2}, 1, 0).add("zeros", {2}, 0, 0);
  model.add("g", {8, 1, 1}).add("b", {8, 1, 1}, 0, 1);
  model.add(TestNode("Reshape", {"c", "groups"}, "r"));
  model.add(TestNode("InstanceNormalization", {"r", "ones", "zeros"}, "i"));
  model.add(TestNode("Reshape", {"i", "back"}, "t"));
  model.add(TestNode("Mul", {"t", "g"}, "s")).add(TestNode("Add", {"s", "b"}, "y"));
  const auto norm = op_of<Normalize>(read(model), "y");
  EXPECT_EQ(norm.over, Normalize::Over::plane);
  EXPECT_EQ(norm.groups, 2);
  EXPECT_EQ(list(norm.scale), (Floats{1, 2, 3, 4, 5, 6, 7, 8}));

  TestModel whole = eight_channels(18);
  whole.add("s2", {2}, 3, 1).add("b2", {2}, 0, 1);
  whole.add(TestNode("GroupNormalization", {"c", "s2", "b2"}, "y").set("num_groups", 2));
  EXPECT_EQ(list(op_of<Normalize>(read(whole), "y").scale), (Floats{3, 3, 3, 3, 4, 4, 4, 4}));

  TestModel planes = eight_channels();
  planes.add("s8", {8}).add("b8", {8});
  planes.add(TestNode("InstanceNormalization", {"c", "s8", "b8"}, "y"));
  EXPECT_EQ(op_of<Normalize>(read(planes), "y").groups, 8);
}

TEST(OnnxLayers, GeluByParts) {
  const auto parts = [](bool half_last) {
    TestModel model = eight_channels(13);
    model.add(onnx::tensor("root", {}, {1.41421354f})).add(onnx::tensor("one", {}, {1}));
    model.add(onnx::tensor("half", {}, {0.5f}));
    model.add(TestNode("Div", {"c", "root"}, "d")).add(TestNode("Erf", {"d"}, "e"));
    model.add(TestNode("Add", {"e", "one"}, "a"));
    if (half_last) {
      model.add(TestNode("Mul", {"c", "a"}, "m")).add(TestNode("Mul", {"m", "half"}, "y"));
    } else {
      model.add(TestNode("Mul", {"c", "half"}, "h")).add(TestNode("Mul", {"h", "a"}, "y"));
    }
    return read(model);
  };
  for (const bool half_last : {false, true}) {
    const Graph graph = parts(half_last);
    EXPECT_EQ(graph.layers.size(), 3u);
    EXPECT_EQ(op_of<Activation>(graph, "y").function, Function::gelu);
    EXPECT_EQ(layer_of(graph, "y").inputs[0], graph.find("c"));
  }

  TestModel by_tanh = eight_channels(13);
  by_tanh.add(onnx::tensor("three", {}, {3})).add(onnx::tensor("k", {}, {0.044715f}));
  by_tanh.add(onnx::tensor("f", {}, {0.79788458f})).add(onnx::tensor("one", {}, {1}));
  by_tanh.add(onnx::tensor("half", {}, {0.5f})).add(TestNode("Pow", {"c", "three"}, "p"));
  by_tanh.add(TestNode("Mul", {"p", "k"}, "m")).add(TestNode("Add", {"c", "m"}, "a"));
  by_tanh.add(TestNode("Mul", {"a", "f"}, "s")).add(TestNode("Tanh", {"s"}, "t"));
  by_tanh.add(TestNode("Add", {"t", "one"}, "o")).add(TestNode("Mul", {"c", "half"}, "h"));
  by_tanh.add(TestNode("Mul", {"h", "o"}, "y"));
  EXPECT_EQ(op_of<Activation>(read(by_tanh), "y").function, Function::gelu_tanh);
}

TEST(OnnxLayers, GatesByParts) {
  TestModel model = eight_channels(13);
  model.add(onnx::tensor("three", {}, {3})).add(onnx::tensor("zero", {}, {0}));
  model.add(onnx::tensor("six", {}, {6})).add(onnx::tensor("a", {}, {1.702f}));
  model.add(TestNode("Add", {"c", "three"}, "s")).add(TestNode("Clip", {"s", "zero", "six"}, "k"));
  model.add(TestNode("Mul", {"c", "k"}, "m")).add(TestNode("Div", {"m", "six"}, "hard"));
  model.add(TestNode("Softplus", {"c"}, "p")).add(TestNode("Tanh", {"p"}, "t"));
  model.add(TestNode("Mul", {"c", "t"}, "mish"));
  model.add(TestNode("Mul", {"c", "a"}, "l")).add(TestNode("Sigmoid", {"l"}, "g"));
  model.add(TestNode("Mul", {"g", "c"}, "quick"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Activation>(graph, "hard").function, Function::hard_swish);
  EXPECT_EQ(op_of<Activation>(graph, "mish").function, Function::mish);
  EXPECT_EQ(op_of<Activation>(graph, "quick").function, Function::silu);
  EXPECT_EQ(op_of<Activation>(graph, "quick").a, 1.702f);
  EXPECT_EQ(graph.layers.size(), 5u);
}

// Local response normalization as PyTorch writes it: an average over five axes.
TEST(OnnxLayers, LrnByParts) {
  TestModel model = eight_channels(13);
  model.add(onnx::tensor("one", Integers{1})).add(onnx::tensor("five", {1, 1, 8, 8, -1}));
  model.add(onnx::tensor("pads", {0, 0, 1, 0, 0, 0, 0, 1, 0, 0}));
  model.add(onnx::tensor("four", {1, 8, 8, 12})).add(onnx::tensor("alpha", {}, {0.75f}));
  model.add(onnx::tensor("k", {}, {2})).add(onnx::tensor("beta", {}, {0.5f}));
  model.add(TestNode("Mul", {"c", "c"}, "q")).add(TestNode("Unsqueeze", {"q", "one"}, "u"));
  model.add(TestNode("Reshape", {"u", "five"}, "f")).add(TestNode("Pad", {"f", "pads"}, "p"));
  model.add(TestNode("AveragePool", {"p"}, "v").set("kernel_shape", Integers{3, 1, 1}));
  model.add(TestNode("Squeeze", {"v", "one"}, "s")).add(TestNode("Reshape", {"s", "four"}, "r"));
  model.add(TestNode("Mul", {"r", "alpha"}, "m")).add(TestNode("Add", {"m", "k"}, "a"));
  model.add(TestNode("Pow", {"a", "beta"}, "w")).add(TestNode("Div", {"c", "w"}, "y"));
  const Graph graph = read(model);
  ASSERT_EQ(graph.layers.size(), 3u);
  const auto lrn = op_of<Lrn>(graph, "y");
  EXPECT_EQ(lrn.size, 3);
  EXPECT_FLOAT_EQ(lrn.alpha, 0.25f);
  EXPECT_EQ(lrn.beta, 0.5f);
  EXPECT_EQ(lrn.k, 2);
}

TEST(OnnxLayers, ResizesAndTransposes) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("scales", {4}, {1, 1, 2, 3})).add(onnx::tensor("sizes", {1, 8, 16, 6}));
  model.add("k", {8, 2, 3, 3}, 0, 0.1f).add(onnx::tensor("pads", {0, 0, 1, 2, 0, 0, 3, 4}));
  model.add(TestNode("Resize", {"c", "", "scales"}, "n")
                .set("coordinate_transformation_mode", "asymmetric")
                .set("nearest_mode", "floor"));
  model.add(TestNode("Resize", {"c", "", "", "sizes"}, "l").set("mode", "linear"));
  model.add(TestNode("ConvTranspose", {"c", "k"}, "t")
                .set("strides", Integers{2, 2})
                .set("pads", Integers{1, 1, 1, 1})
                .set("output_padding", Integers{1, 1}));
  model.add(TestNode("Pad", {"c", "pads"}, "r").set("mode", "reflect"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Resize>(graph, "n").scale_w, 3);
  EXPECT_EQ(op_of<Resize>(graph, "n").coordinates, Resize::Coordinates::asymmetric);
  EXPECT_EQ(op_of<Resize>(graph, "n").rounding, Resize::Rounding::down);
  EXPECT_EQ(op_of<Resize>(graph, "l").method, Resize::Method::linear);
  EXPECT_EQ(op_of<Resize>(graph, "l").scale_w, 0.5f);
  EXPECT_EQ(shape_of(graph, "t", 8, 12), (Shape{2, 16, 24}));
  EXPECT_EQ(op_of<Pad>(graph, "r").mode, Pad::Mode::reflect);
  EXPECT_EQ(op_of<Pad>(graph, "r").bottom, 3);

  // Before operator set 10 the scales were an attribute, and of whole cells
  TestModel old = eight_channels(7);
  old.add(TestNode("Upsample", {"c"}, "y").set("scales", Floats{1, 1, 2, 2}));
  EXPECT_EQ(op_of<Resize>(read(old), "y").coordinates, Resize::Coordinates::asymmetric);
  TestModel cubic = eight_channels();
  cubic.add(onnx::tensor("scales", {4}, {1, 1, 2, 3}));
  cubic.add(TestNode("Resize", {"c", "", "scales"}, "y").set("mode", "cubic"));
  EXPECT_EQ(reason(cubic), "Resize cubic");
}

TEST(OnnxLayers, PoolsWithCeilingAndPadding) {
  TestModel model = eight_channels();
  model.add(TestNode("AveragePool", {"c"}, "y")
                .set("kernel_shape", Integers{3, 3})
                .set("strides", Integers{2, 2})
                .set("pads", Integers{1, 1, 1, 1})
                .set("ceil_mode", 1)
                .set("count_include_pad", 1));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Pool>(graph, "y").rounding, Pool::Rounding::up);
  EXPECT_TRUE(op_of<Pool>(graph, "y").count_padding);
}

TEST(OnnxLayers, SaysWhyTransformersEnd) {
  TestModel model = eight_channels();
  model.add(onnx::tensor("tokens", {1, 8, -1})).add("class", {1, 1, 8});
  model.add(TestNode("Reshape", {"c", "tokens"}, "r"));
  model.add(TestNode("Transpose", {"r"}, "t").set("perm", Integers{0, 2, 1}));
  model.add(TestNode("Concat", {"class", "t"}, "y").set("axis", 1));
  EXPECT_EQ(reason(model), "Concat with constants");
  TestModel windows = eight_channels();
  windows.add(onnx::tensor("to", {1, 8, 2, 4, 3, 4}));
  windows.add(TestNode("Reshape", {"c", "to"}, "y"));
  EXPECT_EQ(reason(windows), "Reshape from [1,8,8,12] to [1,8,2,4,3,4]");
}

}  // namespace
}  // namespace reverie
