#include "reverie/model/formats/onnx/onnx.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/native/safetensors.h"
#include "reverie/model/formats/onnx/onnx_model_fixture.h"
#include "reverie/model/formats/onnx/onnx_reading_fixture.h"

namespace reverie {
namespace {

using namespace onnx_reading;

TEST(Onnx, ReadsAClassifierAsPyTorchWritesIt) {
  TestModel model;
  model.add("w", {4, 3, 3, 3}).add("b", {4});
  model.add("fc.w", {5, 4}).add("fc.b", {5});
  model.add(TestNode("Conv", {"x", "w", "b"}, "10", "/features/0/Conv")
                .set("kernel_shape", Integers{3, 3})
                .set("strides", Integers{2, 2})
                .set("pads", Integers{1, 1, 1, 1})
                .set("dilations", Integers{1, 1})
                .set("group", 1));
  model.add(TestNode("Relu", {"10"}, "11", "/features/1/Relu"));
  model.add(TestNode("MaxPool", {"11"}, "12")
                .set("kernel_shape", Integers{3, 3})
                .set("strides", Integers{2, 2})
                .set("ceil_mode", 1));
  model.add(TestNode("GlobalAveragePool", {"12"}, "13"));
  model.add(TestNode("Flatten", {"13"}, "14").set("axis", 1));
  model.add(TestNode("Dropout", {"14"}, "15").also_gives("mask"));
  model.add(TestNode("Gemm", {"15", "fc.w", "fc.b"}, "16").set("transB", 1));
  model.add(TestNode("Softmax", {"16"}, "17").set("axis", 1));
  const Graph graph = read(model);
  EXPECT_EQ(graph.name, "test");
  ASSERT_EQ(graph.layers.size(), 7u);
  EXPECT_EQ(shape_of(graph, "17", 33, 21), (Shape{5, 1, 1}));
  EXPECT_EQ(shape_of(graph, "12", 33, 21), (Shape{4, 8, 5}));

  // A node's name and its output's mean the same
  EXPECT_EQ(graph.find("10"), graph.find("/features/0/Conv"));
  EXPECT_EQ(graph.layers[1].name, "/features/0/Conv");
  EXPECT_EQ(graph.find("14"), graph.find("13"));
  const auto& conv = op_of<Convolution>(graph, "10");
  EXPECT_EQ(conv.window.stride_w, 2);
  EXPECT_EQ(conv.window.padding, (Padding{Padding::Rule::given, 1, 1, 1, 1}));
  EXPECT_EQ((*conv.weights)[107], 108);
  EXPECT_EQ((*conv.bias)[3], 4);
  EXPECT_EQ(op_of<Pool>(graph, "12").rounding, Pool::Rounding::up);
  EXPECT_EQ(list(op_of<InnerProduct>(graph, "16").bias), (Floats{1, 2, 3, 4, 5}));
}

TEST(Onnx, ReadsPaddingInAllItsForms) {
  const auto padding = [](TestNode node) {
    TestModel model;
    model.add("w", {2, 3, 4, 3}).add(node);
    return op_of<Convolution>(read(model), "y").window.padding;
  };
  const auto conv = [] { return TestNode("Conv", {"x", "w"}, "y"); };
  EXPECT_EQ(padding(conv()), Padding{});
  EXPECT_EQ(padding(conv().set("pads", Integers{1, 2, 3, 4})),
            (Padding{Padding::Rule::given, 1, 2, 3, 4}));
  EXPECT_EQ(padding(conv().set("auto_pad", "VALID")), Padding{});
  EXPECT_EQ(padding(conv().set("auto_pad", "SAME_UPPER")).rule, Padding::Rule::same);
  EXPECT_EQ(padding(conv().set("auto_pad", "SAME_LOWER")),
            (Padding{Padding::Rule::given, 2, 1, 1, 1}));

  // With a stride the place of the odd pixel depends on the size
  TestModel model;
  model.add("w", {2, 3, 4, 3})
      .add(conv().set("auto_pad", "SAME_LOWER").set("strides", Integers{2, 2}));
  EXPECT_NE(op_of<UnknownLayer>(read(model), "y").type.find("auto_pad"), std::string::npos);
  TestModel negative;
  negative.add("w", {2, 3, 4, 3}).add(conv().set("pads", Integers{0, -1, 0, 0}));
  EXPECT_EQ(op_of<UnknownLayer>(read(negative), "y").type,
            "Conv with a pad of -1, expected 0..65536");
}

TEST(Onnx, FoldsZerosIntoWhatReadsThem) {
  const auto reading = [](const std::vector<TestNode>& nodes) {
    TestModel model;
    model.add("w", {2, 3, 3, 3}).add(onnx::tensor("pads", {0, 0, 1, 2, 0, 0, 3, 4}));
    for (const TestNode& node : nodes) model.add(node);
    return read(model);
  };
  const TestNode pad("Pad", {"x", "pads"}, "p");
  const Padding all{Padding::Rule::given, 2, 3, 4, 5};
  const auto window = [](const char* type, const std::vector<std::string>& inputs) {
    return TestNode(type, inputs, "y")
        .set("kernel_shape", Integers{3, 3})
        .set("pads", Integers{1, 1, 1, 1});
  };
  EXPECT_EQ(op_of<Convolution>(reading({pad, window("Conv", {"p", "w"})}), "y").window.padding,
            all);

  // A maximum over zeros from outside only where nothing is below them: else they are a layer
  const auto is_folded = [&](const Graph& graph) {
    return graph.find("p") < 0 && op_of<Pool>(graph, "y").window.padding == all;
  };
  const Graph apart = reading({pad, window("MaxPool", {"p"})});
  EXPECT_EQ(op_of<Pad>(apart, "p").right, 4);
  EXPECT_EQ(layer_of(apart, "y").inputs[0], apart.find("p"));
  const TestNode relu("Relu", {"x"}, "r"), after("Pad", {"r", "pads"}, "p");
  EXPECT_TRUE(is_folded(reading({relu, after, window("MaxPool", {"p"})})));

  // Averages count them, and may not leave out others then
  EXPECT_FALSE(is_folded(reading({pad, window("AveragePool", {"p"})})));
  const Graph counted = reading({pad, window("AveragePool", {"p"}).set("count_include_pad", 1)});
  EXPECT_TRUE(is_folded(counted));
  EXPECT_TRUE(op_of<Pool>(counted, "y").count_padding);
  EXPECT_TRUE(
      op_of<Pool>(
          reading({pad, TestNode("AveragePool", {"p"}, "y").set("kernel_shape", Integers{3, 3})}),
          "y")
          .count_padding);
  const Graph read_twice =
      reading({pad, window("Conv", {"p", "w"}), TestNode("Sigmoid", {"p"}, "s")});
  EXPECT_EQ(layer_of(read_twice, "s").inputs[0], read_twice.find("p"));
  // In five axes it is no picture's, which does not make the file a bad one
  TestModel five;
  five.add(onnx::tensor("pads", {0, 0, 1, 0, 0, 0, 0, 1, 0, 0})).add(pad);
  EXPECT_EQ(op_of<UnknownLayer>(read(five), "p").type, "Pad of 5 axes");

  TestModel crop;
  crop.add(onnx::tensor("pads", {0, 0, -1, 0, 0, 0, 0, 0})).add(pad);
  EXPECT_EQ(op_of<UnknownLayer>(read(crop), "p").type, "Pad that crops");
}

// From operator set 11 on, as PyTorch writes F.pad(x, (1, 2, 3, 4)): by computing with constants
TEST(Onnx, ComputesPaddingsOfConstants) {
  TestModel model(13);
  const auto number = [](const char* name, std::int64_t value) {
    return TestNode("Constant", {}, name).set("value", onnx::tensor("", Integers{value}));
  };
  model.add("w", {2, 3, 3, 3});
  model.add(onnx::tensor("given", Integers{1, 2, 3, 4})).add(onnx::tensor("pairs", {-1, 2}));
  model.add(number("four", 4)).add(number("zero", 0)).add(number("minus one", -1));
  model.add(number("to the first", -9223372036854775807));
  model.add(
      TestNode("ConstantOfShape", {"four"}, "none").set("value", onnx::tensor("", Integers{0})));
  model.add(TestNode("Concat", {"given", "none"}, "all").set("axis", 0));
  model.add(TestNode("Reshape", {"all", "pairs"}, "rows"));
  model.add(
      TestNode("Slice", {"rows", "minus one", "to the first", "zero", "minus one"}, "turned"));
  model.add(TestNode("Transpose", {"turned"}, "columns").set("perm", Integers{1, 0}));
  model.add(TestNode("Reshape", {"columns", "minus one"}, "flat"));
  model.add(TestNode("Cast", {"flat"}, "pads").set("to", 7));
  model.add(TestNode("Pad", {"x", "pads"}, "p"));
  model.add(TestNode("Conv", {"p", "w"}, "y"));
  EXPECT_EQ(op_of<Convolution>(read(model), "y").window.padding,
            (Padding{Padding::Rule::given, 3, 1, 4, 2}));
}

TEST(Onnx, ReadsConstantsInAnotherShape) {
  TestModel model(13);
  model.add("row", {3}).add(onnx::tensor("axes", {1, 2})).add(onnx::tensor("first", Integers{0}));
  model.add(TestNode("Unsqueeze", {"row", "axes"}, "channels"));
  model.add(TestNode("Mul", {"x", "channels"}, "scaled"));
  model.add(TestNode("Unsqueeze", {"channels", "first"}, "batch"));
  model.add(TestNode("Add", {"scaled", "batch"}, "shifted"));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<Affine>(graph, "scaled").scale), (Floats{1, 2, 3}));
  EXPECT_EQ(list(op_of<Affine>(graph, "shifted").shift), (Floats{1, 2, 3}));
}

TEST(Onnx, ReadsPoolsByTheirOwnDefaults) {
  TestModel model;
  model.add(TestNode("AveragePool", {"x"}, "a")
                .set("kernel_shape", Integers{3, 2})
                .set("pads", Integers{1, 0, 1, 0}));
  model.add(TestNode("MaxPool", {"x"}, "m").set("kernel_shape", Integers{2, 2}).also_gives("i"));
  model.add(TestNode("Relu", {"i"}, "of indices"));
  model.add(TestNode("GlobalMaxPool", {"x"}, "g"));
  model.add(TestNode("ReduceMean", {"x"}, "mean").set("axes", Integers{-1, 2}).set("keepdims", 0));
  const Graph graph = read(model);
  EXPECT_FALSE(op_of<Pool>(graph, "a").count_padding);
  EXPECT_EQ(op_of<Pool>(graph, "a").window.kernel_w, 2);
  EXPECT_EQ(op_of<Pool>(graph, "m").window.stride_h, 1);
  EXPECT_EQ(op_of<Pool>(graph, "m").kind, Pool::Kind::max);
  EXPECT_TRUE(op_of<Pool>(graph, "g").global);
  EXPECT_TRUE(op_of<Pool>(graph, "mean").global);
  op_of<UnknownLayer>(graph, "of indices");
}

TEST(Onnx, ReadsActivations) {
  TestModel model;
  model.add(onnx::tensor("zero", Integers{}, {0})).add(onnx::tensor("six", Integers{}, {6}));
  model.add(onnx::tensor("one", Integers{}, {1}));
  model.add(TestNode("LeakyRelu", {"x"}, "leaky"));
  model.add(TestNode("LeakyRelu", {"x"}, "leakier").set("alpha", 0.25f));
  model.add(TestNode("Clip", {"x", "zero", "six"}, "relu6"));
  model.add(TestNode("Clip", {"x", "zero", ""}, "relu"));
  model.add(TestNode("Clip", {"x", "one", "six"}, "other"));
  model.add(TestNode("Clip", {"x"}, "nothing"));
  model.add(TestNode("Sigmoid", {"x"}, "s"));
  model.add(TestNode("Mul", {"x", "s"}, "silu"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<Relu>(graph, "leaky").negative_slope, 0.01f);
  EXPECT_EQ(op_of<Relu>(graph, "leakier").negative_slope, 0.25f);
  EXPECT_EQ(op_of<Relu>(graph, "relu6").ceiling, 6);
  EXPECT_TRUE(std::isinf(op_of<Relu>(graph, "relu").ceiling));
  EXPECT_EQ(op_of<Activation>(graph, "other").function, Activation::Function::clip);
  EXPECT_EQ(op_of<Activation>(graph, "other").a, 1);
  EXPECT_EQ(op_of<Activation>(graph, "other").b, 6);
  EXPECT_EQ(graph.find("nothing"), 0);
  EXPECT_EQ(op_of<Activation>(graph, "silu").function, Activation::Function::silu);
  EXPECT_EQ(layer_of(graph, "silu").inputs, (std::vector<int>{0}));

  // Before operator set 11 the bounds were attributes
  TestModel old(7);
  old.add(TestNode("Clip", {"x"}, "relu6").set("min", 0.f).set("max", 6.f));
  EXPECT_EQ(op_of<Relu>(read(old), "relu6").ceiling, 6);

  // PyTorch's ReLU6 there: an upper bound alone says enough of what is not below zero
  TestModel parts(7);
  parts.add(TestNode("Relu", {"x"}, "r"));
  parts.add(TestNode("Clip", {"r"}, "relu6").set("max", 6.f));
  parts.add(TestNode("Clip", {"x"}, "below").set("max", 6.f));
  EXPECT_EQ(op_of<Relu>(read(parts), "relu6").ceiling, 6);
  EXPECT_EQ(op_of<Activation>(read(parts), "below").b, 6);
}

TEST(Onnx, FoldsWhatIsConstantPerChannel) {
  TestModel model;
  model.add(onnx::tensor("c", {3, 1, 1}, {2, 4, 8})).add(onnx::tensor("two", {}, {2}));
  model.add(onnx::tensor("row", {3}, {1, 2, 3}));
  model.add("g", {3}, 2, 0).add("b", {3}, 1, 1).add("m", {3}, 5, 0).add("v", {3}, 3, 0);
  model.add(TestNode("Add", {"x", "c"}, "add"));
  model.add(TestNode("Sub", {"two", "x"}, "from"));
  model.add(TestNode("Div", {"x", "c"}, "div"));
  model.add(TestNode("Mul", {"x", "row"}, "columns"));
  model.add(TestNode("BatchNormalization", {"x", "g", "b", "m", "v"}, "norm").set("epsilon", 1.f));
  model.add(TestNode("Sub", {"x", "add"}, "difference"));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<Affine>(graph, "add").scale), (Floats{1, 1, 1}));
  EXPECT_EQ(list(op_of<Affine>(graph, "add").shift), (Floats{2, 4, 8}));
  EXPECT_EQ(list(op_of<Affine>(graph, "from").scale), (Floats{-1, -1, -1}));
  EXPECT_EQ(list(op_of<Affine>(graph, "from").shift), (Floats{2, 2, 2}));
  EXPECT_EQ(list(op_of<Affine>(graph, "div").scale), (Floats{0.5f, 0.25f, 0.125f}));
  op_of<UnknownLayer>(graph, "columns");
  // 2 / sqrt(3 + 1) = 1, so b - 5
  EXPECT_EQ(list(op_of<Affine>(graph, "norm").scale), (Floats{1, 1, 1}));
  EXPECT_EQ(list(op_of<Affine>(graph, "norm").shift), (Floats{-4, -3, -2}));
  EXPECT_EQ(op_of<Eltwise>(graph, "difference").coefficients, (Floats{1, -1}));
}

TEST(Onnx, ReadsLrnPerSummand) {
  TestModel model;
  model.add(TestNode("LRN", {"x"}, "y")
                .set("size", 5)
                .set("alpha", 0.5f)
                .set("beta", 0.25f)
                .set("bias", 2.f));
  const auto& lrn = op_of<Lrn>(read(model), "y");
  EXPECT_EQ(lrn.size, 5);
  EXPECT_FLOAT_EQ(lrn.alpha, 0.1f);
  EXPECT_EQ(lrn.beta, 0.25f);
  EXPECT_EQ(lrn.k, 2);
}

TEST(Onnx, TurnsMatricesTheRightWayRound) {
  TestModel model;
  model.add(onnx::tensor("m", {3, 2}, {1, 2, 3, 4, 5, 6})).add(onnx::tensor("c", {1}, {10}));
  model.add(TestNode("GlobalAveragePool", {"x"}, "g"));
  model.add(onnx::tensor("to", {-1, 3})).add(TestNode("Reshape", {"g", "to"}, "f"));
  model.add(TestNode("MatMul", {"f", "m"}, "mm"));
  model.add(TestNode("Gemm", {"f", "m", "c"}, "gemm").set("alpha", 2.f).set("beta", 0.5f));
  model.add(TestNode("MatMul", {"g", "m"}, "of a picture"));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<InnerProduct>(graph, "mm").weights), (Floats{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(op_of<InnerProduct>(graph, "mm").weights->shape(), (Shape{2, 3}));
  EXPECT_EQ(list(op_of<InnerProduct>(graph, "gemm").weights), (Floats{2, 6, 10, 4, 8, 12}));
  EXPECT_EQ(list(op_of<InnerProduct>(graph, "gemm").bias), (Floats{5, 5}));
  op_of<UnknownLayer>(graph, "of a picture");
}

// What exporters write for x.view(x.size(0), -1): sizes computed while the network runs.
TEST(Onnx, TakesAComputedReshapeForAFlattening) {
  TestModel model;
  model.add("fc", {2, 12}).add(onnx::tensor("i", Integers{0})).add(onnx::tensor("r", Integers{-1}));
  model.add(TestNode("AveragePool", {"x"}, "p")
                .set("kernel_shape", Integers{2, 2})
                .set("strides", Integers{2, 2}));
  model.add(TestNode("Shape", {"p"}, "s"));
  model.add(TestNode("Gather", {"s", "i"}, "n"));
  model.add(TestNode("Concat", {"n", "r"}, "to").set("axis", 0));
  model.add(TestNode("Reshape", {"p", "to"}, "f"));
  model.add(TestNode("Gemm", {"f", "fc"}, "y").set("transB", 1));
  EXPECT_EQ(shape_of(read(model), "y", 4, 4), (Shape{2, 1, 1}));
}

TEST(Onnx, ReadsNumbersInEveryForm) {
  const auto shift = [](const Message& numbers) {
    TestModel model;
    model.add(numbers).add(TestNode("Add", {"x", "c"}, "y"));
    return list(op_of<Affine>(read(model), "y").shift);
  };
  const auto begin = [](int type) {
    return Message().integer(1, 3).integer(1, 1).integer(1, 1).integer(2, type).text(8, "c");
  };
  const auto packed = [](const std::vector<std::uint64_t>& bits, int width) {
    std::string text;
    for (const std::uint64_t b : bits) text += Message::little_endian(b, width);
    return text;
  };
  const Floats expected{1, -2, 0.5f};
  const std::vector<std::uint64_t> f32{0x3f800000, 0xc0000000, 0x3f000000};
  const std::vector<std::uint64_t> f64{0x3ff0000000000000, 0xc000000000000000, 0x3fe0000000000000};
  const std::vector<std::uint64_t> half{0x3c00, 0xc000, 0x3800}, bf16{0x3f80, 0xc000, 0x3f00};
  EXPECT_EQ(shift(begin(1).text(9, packed(f32, 4))), expected);
  EXPECT_EQ(shift(begin(1).text(4, packed(f32, 4))), expected);
  EXPECT_EQ(shift(begin(1).number(4, 1).number(4, -2).number(4, 0.5f)), expected);
  EXPECT_EQ(shift(begin(11).text(9, packed(f64, 8))), expected);
  EXPECT_EQ(shift(begin(11).text(10, packed(f64, 8))), expected);
  EXPECT_EQ(shift(begin(10).text(9, packed(half, 2))), expected);
  EXPECT_EQ(shift(begin(16).text(9, packed(bf16, 2))), expected);
  Message in_integers = begin(10);
  for (const std::uint64_t bits : half) in_integers.integer(5, static_cast<std::int64_t>(bits));
  EXPECT_EQ(shift(in_integers), expected);

  // Integers of every width, in either form
  const std::vector<std::uint64_t> bytes{1, 254, 3};
  EXPECT_EQ(shift(begin(2).text(9, packed(bytes, 1))), (Floats{1, 254, 3}));
  EXPECT_EQ(shift(begin(3).text(9, packed(bytes, 1))), (Floats{1, -2, 3}));
  EXPECT_EQ(shift(begin(4).text(9, packed({1, 0xfffe, 3}, 2))), (Floats{1, 65534, 3}));
  EXPECT_EQ(shift(begin(5).text(9, packed({1, 0xfffe, 3}, 2))), (Floats{1, -2, 3}));
  EXPECT_EQ(shift(begin(6).text(9, packed({1, 0xfffffffe, 3}, 4))), (Floats{1, -2, 3}));
  EXPECT_EQ(shift(begin(12).integer(11, 1).integer(11, 4294967294).integer(11, 3)),
            (Floats{1, 4294967294.f, 3}));
  EXPECT_EQ(shift(begin(7).integer(7, 1).integer(7, -2).integer(7, 3)), (Floats{1, -2, 3}));
  EXPECT_EQ(shift(begin(13).text(9, packed({1, 2, 3}, 8))), (Floats{1, 2, 3}));
  EXPECT_EQ(shift(begin(9).text(9, packed({1, 0, 1}, 1))), (Floats{1, 0, 1}));
  EXPECT_EQ(shift(begin(3).integer(5, 1).integer(5, -2).integer(5, 3)), (Floats{1, -2, 3}));
  // Four bits each, the first in the lower half of a byte
  EXPECT_EQ(shift(begin(21).text(9, packed({0xe1, 0x03}, 1))), (Floats{1, 14, 3}));
  EXPECT_EQ(shift(begin(22).text(9, packed({0xe1, 0x03}, 1))), (Floats{1, -2, 3}));
  EXPECT_EQ(shift(begin(22).integer(5, 0xe1).integer(5, 0x03)), (Floats{1, -2, 3}));
  // Eight-bit floats: 1, -2, 0.5
  EXPECT_EQ(shift(begin(17).text(9, packed({0x38, 0xc0, 0x30}, 1))), expected);
  EXPECT_EQ(shift(begin(19).text(9, packed({0x3c, 0xc0, 0x38}, 1))), expected);

  const auto reason = [](const Message& numbers) {
    TestModel model;
    model.add(numbers).add(TestNode("Add", {"x", "c"}, "y"));
    return op_of<UnknownLayer>(read(model), "y").type;
  };
  EXPECT_EQ(reason(begin(1).text(9, packed({1, 2}, 4))),
            "Add: array 'c' has 8 bytes for 3 numbers");
  EXPECT_EQ(reason(begin(1).number(4, 1).number(4, 2).text(4, "")),
            "Add: array 'c' has an extent of 3, with 2 bytes of data");
  EXPECT_EQ(reason(begin(22).text(9, packed({1, 2, 3, 4}, 1))),
            "Add: array 'c' has 4 bytes for 3 numbers");
  EXPECT_EQ(reason(begin(8).text(6, "a")), "Add with an array of string");
  EXPECT_EQ(reason(begin(14).text(9, packed(f64, 8))), "Add with an array of data type 14");
}

TEST(Onnx, ReadsConstantsOfNodes) {
  TestModel model;
  model.add(TestNode("Constant", {}, "k").set("value", onnx::tensor("", {}, {3})));
  model.add(TestNode("Identity", {"k"}, "again"));
  model.add(TestNode("Mul", {"x", "again"}, "y"));
  EXPECT_EQ(list(op_of<Affine>(read(model), "y").scale), (Floats{3, 3, 3}));
}

// As TensorFlow's exporters write: channels last, turned at the input.
TEST(Onnx, ReadsAPictureWithChannelsLast) {
  TestModel model(13, {-1, 224, 224, 3});
  model.add("w", {2, 3, 1, 1}).add(onnx::tensor("mean", {3}, {1, 2, 3}));
  model.add(TestNode("Sub", {"x", "mean"}, "centred"));
  model.add(TestNode("Transpose", {"centred"}, "t").set("perm", Integers{0, 3, 1, 2}));
  model.add(TestNode("Conv", {"t", "w"}, "y"));
  model.add(TestNode("Conv", {"centred", "w"}, "wrong"));
  const OnnxNetwork network = read(model.bytes());
  EXPECT_TRUE(network.channels_last);
  EXPECT_EQ(list(op_of<Affine>(network.graph, "centred").shift), (Floats{-1, -2, -3}));
  EXPECT_EQ(layer_of(network.graph, "y").inputs[0], network.graph.find("centred"));
  op_of<UnknownLayer>(network.graph, "wrong");
}

TEST(Onnx, KeepsWhatItCannotRun) {
  TestModel model;
  model.add("w", {2, 3, 1, 1});
  model.add(TestNode("Conv", {"x", "w"}, "c")).add(TestNode("Einsum", {"c"}, "e"));
  model.add(TestNode("Fancy", {"c"}, "f").domain("com.example"));
  model.add(TestNode("Relu", {"e"}, "r"));
  const Graph graph = read(model);
  EXPECT_EQ(op_of<UnknownLayer>(graph, "e").type, "Einsum");
  EXPECT_EQ(op_of<UnknownLayer>(graph, "f").type, "com.example.Fancy");
  expect_error<Unsupported>([&] { infer_shapes(graph, 8, 8); }, {"layer 'e' is of type Einsum"});
}

// What does not fit together is the node's trouble, not the file's.
TEST(Onnx, NodesThatDoNotFitAreUnknownLayersWithAReason) {
  const auto reason = [](const TestNode& node) {
    TestModel model;
    model.add("w", {2, 3, 1, 1}).add("w4", {2, 4, 1, 1}).add("b", {3}).add(node);
    model.add(TestNode("Relu", {"x"}, "after"));
    const Graph graph = read(model);
    op_of<Relu>(graph, "after");
    return op_of<UnknownLayer>(graph, "y").type;
  };
  EXPECT_EQ(reason(TestNode("Conv", {"x", "w4"}, "y", "first")),
            "Conv of weights [2,4,1,1] in 1 groups for 3 channels");
  EXPECT_EQ(reason(TestNode("Conv", {"x", "w", "b"}, "y")), "Conv of 3 biases for 2 channels");
  EXPECT_EQ(reason(TestNode("Conv", {"x", "w"}, "y").set("kernel_shape", Integers{3, 3})),
            "Conv with a kernel_shape that is not that of its weights [2,3,1,1]");
  EXPECT_EQ(reason(TestNode("Conv", {"x", "w"}, "y").set("group", 0)),
            "Conv with a group of 0, expected 1..65536");
  EXPECT_EQ(reason(TestNode("Relu", {"z"}, "y")), "Relu of 'z', which no node before it makes");
  EXPECT_EQ(reason(TestNode("Conv", {"x", "w"}, "y").set("strides", Integers{0, 1})),
            "Conv with a stride of 0, expected 1..65536");
}

TEST(Onnx, RefusesWhatIsNoNetworkOfPictures) {
  read(TestModel(1));
  read(TestModel(24));
  expect_error<Unsupported>([] { read(TestModel(25)); }, {"operator set 25", "1 to 24"});
  expect_error<Unsupported>(
      [] {
        read(TestModel(17, {1, 4, 8, 8}));
      },
      {"input 'x' has 4 channels"});
  expect_error<Unsupported>([] { read(TestModel(17, {1, 3})); }, {"input 'x' has 2 axes"});
  expect_error<BadModel>([] { read(std::string("\x08\x08")); }, {"holds no ONNX graph"});
}

TestModel small_network() {
  TestModel model;
  model.add("w", {4, 3, 3, 3}, -1, 0.1f).add("b", {4}).add("fc", {2, 4});
  model.add(TestNode("Conv", {"x", "w", "b"}, "c").set("pads", Integers{1, 1, 1, 1}));
  model.add(TestNode("Relu", {"c"}, "r")).add(TestNode("GlobalAveragePool", {"r"}, "g"));
  model.add(TestNode("Flatten", {"g"}, "f"));
  model.add(TestNode("Gemm", {"f", "fc"}, "y").set("transB", 1));
  return model;
}

TEST(Onnx, EveryTruncationIsNoticedOrHarmless) {
  const std::string whole = small_network().bytes();
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      read(whole.substr(0, size));
    } catch (const BadModel&) {
      ++refused;
    } catch (const Unsupported&) {
      ++refused;
    }
  }
  EXPECT_EQ(refused, static_cast<int>(whole.size()));
}

TEST(Onnx, DamageIsAnErrorAndNothingWorse) {
  const std::string whole = small_network().bytes();
  RandomStream random = Random(5).at(RandomUse::noise, 0, 0, 0);
  for (int trial = 0; trial < 4000; ++trial) {
    std::string damaged = whole;
    for (int hit = random.uniform_int(1, 3); hit > 0; --hit)
      damaged[static_cast<std::size_t>(random.uniform_int(0, static_cast<int>(whole.size()) - 1))] =
          static_cast<char>(random.uniform_int(0, 255));
    try {
      infer_shapes(read(damaged).graph, 8, 8);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace reverie
