// What an ONNX file may consist of: weights in other files, functions, constants in all forms,
// inputs of several kinds, older and newer operators, nodes of ONNX Runtime.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "reverie/model/formats/onnx/onnx_reading_fixture.h"
#include "reverie/model/input_transform.h"

namespace reverie {
namespace {

using namespace onnx_reading;
namespace fs = std::filesystem;

std::string floats(const Floats& numbers) {
  std::string raw;
  for (const float number : numbers)
    raw += Message::little_endian(std::bit_cast<std::uint32_t>(number), 4);
  return raw;
}

// An array `c` of three floats in another file.
Message external(const std::string& location, int offset, int length) {
  const auto entry = [](const std::string& key, const std::string& value) {
    return Message().text(1, key).text(2, value);
  };
  Message array;
  array.integer(1, 3).integer(1, 1).integer(1, 1).integer(2, 1).text(8, "c");
  array.message(13, entry("location", location))
      .message(13, entry("offset", std::to_string(offset)));
  if (length >= 0) array.message(13, entry("length", std::to_string(length)));
  return array.integer(14, 1);
}

std::string scaled_by(const Message& numbers) {
  return TestModel().add(numbers).add(TestNode("Mul", {"x", "c"}, "y")).bytes();
}

class OnnxExternal : public testing::Test {
 protected:
  OnnxExternal()
      : folder_(fs::temp_directory_path() / ("onnx_external_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "deep");
  }
  ~OnnxExternal() override { fs::remove_all(folder_); }

  void write(const fs::path& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  Floats scale(const std::string& location, int offset, int length) const {
    const std::string bytes = scaled_by(external(location, offset, length));
    const OnnxNetwork network = read_onnx(std::as_bytes(std::span(bytes.data(), bytes.size())),
                                          (folder_ / "net.onnx").string());
    return list(op_of<Affine>(network.graph, "y").scale);
  }

  fs::path folder_;
};

TEST_F(OnnxExternal, ReadsWeightsBesideTheFile) {
  write("net.onnx.data", floats({9, 1, 2, 3, 8}));
  write("deep/w.bin", floats({4, 5, 6}));
  EXPECT_EQ(scale("net.onnx.data", 4, 12), (Floats{1, 2, 3}));
  EXPECT_EQ(scale("net.onnx.data", 4, -1), (Floats{1, 2, 3}));
  EXPECT_EQ(scale("deep/w.bin", 0, 12), (Floats{4, 5, 6}));
}

TEST_F(OnnxExternal, SaysWhatIsMissing) {
  expect_error<FileFailure>(
      [&] { scale("net.onnx.data", 0, 12); },
      {"net.onnx' keeps its weights in '", "net.onnx.data', which is not there",
       "put the two files into one folder"});
}

TEST_F(OnnxExternal, StaysInItsFolder) {
  write("net.onnx.data", floats({1, 2, 3}));
  fs::create_symlink(folder_ / "net.onnx.data", folder_ / "deep" / "inside");
  EXPECT_EQ(scale("deep/inside", 0, 12), (Floats{1, 2, 3}));
  fs::create_symlink("/etc/passwd", folder_ / "outside");
  expect_error<BadModel>([&] { scale("outside", 0, 12); }, {"'outside', which is a link out"});
  expect_error<BadModel>([&] { scale("/etc/passwd", 0, 12); }, {"which is an absolute path"});
  expect_error<BadModel>([&] { scale("deep/../net.onnx.data", 0, 12); },
                         {"which leads out of its folder"});
  expect_error<BadModel>([&] { scale("", 0, 12); }, {"which is no file name"});
  expect_error<FileFailure>([&] { scale("deep", 0, 12); }, {"cannot read"});
}

TEST_F(OnnxExternal, ChecksPlacesAgainstTheFile) {
  write("net.onnx.data", floats({1, 2, 3}));
  expect_error<BadModel>([&] { scale("net.onnx.data", 4, 12); },
                         {"array 'c' is bytes 4 to 16 of 'net.onnx.data', which has 12"});
  expect_error<BadModel>([&] { scale("net.onnx.data", 4, -1); }, {"which has 12"});
  expect_error<BadModel>([&] { scale("net.onnx.data", 100, 0); }, {"which has 12"});
}

TEST(OnnxFiles, ManyArraysOfFewBytesAreRefused) {
  TestModel model;
  for (int i = 0; i < 8; ++i) model.add(external("d", 0, 12));
  const std::string bytes = model.bytes(), data = floats({1, 2, 3});
  expect_error<BadModel>(
      [&] {
        read_onnx(std::as_bytes(std::span(bytes.data(), bytes.size())), "net.onnx",
                  [&](const std::string&) { return std::as_bytes(std::span(data.data(), 12)); });
      },
      {"arrays of more bytes than the files that hold them"});
}

TEST(OnnxFiles, ReadsConstantsInAllForms) {
  TestModel model;
  model.add(TestNode("Constant", {}, "f").set("value_float", 3.f));
  model.add(TestNode("Constant", {}, "i").set("value_int", 2));
  model.add(TestNode("Constant", {}, "fs").set("value_floats", Floats{4}));
  model.add(TestNode("Constant", {}, "is").set("value_ints", Integers{5}));
  model.add(
      TestNode("Constant", {}, "s").attribute(Message().text(1, "value_string").text(4, "a")));
  model.add(
      TestNode("Constant", {}, "sp").attribute(Message().text(1, "sparse_value").text(22, "")));
  for (const char* name : {"f", "i", "fs", "is", "s", "sp"})
    model.add(TestNode("Mul", {"x", name}, std::string("x") + name));
  const Graph graph = read(model);
  const auto scale = [&](const char* name) { return list(op_of<Affine>(graph, name).scale)[0]; };
  EXPECT_EQ(scale("xf"), 3);
  EXPECT_EQ(scale("xi"), 2);
  EXPECT_EQ(scale("xfs"), 4);
  EXPECT_EQ(scale("xis"), 5);
  EXPECT_EQ(op_of<UnknownLayer>(graph, "xs").type, "Mul with a Constant of text");
  EXPECT_EQ(op_of<UnknownLayer>(graph, "xsp").type,
            "Mul with a sparse array; save it as a dense one");
}

// Weights that were exported without folding: turned and scaled by nodes.
TEST(OnnxFiles, ComputesWithConstants) {
  TestModel model;
  model.add("w", {1, 1, 3, 2}, 1, 1).add(onnx::tensor("two", {}, {2})).add("b", {2}, 10, 1);
  model.add(TestNode("Transpose", {"w"}, "t").set("perm", Integers{3, 2, 0, 1}));
  model.add(TestNode("Mul", {"t", "two"}, "s")).add(TestNode("Sqrt", {"two"}, "q"));
  model.add(TestNode("Pow", {"q", "two"}, "p")).add(TestNode("Add", {"b", "p"}, "c"));
  model.add(TestNode("Conv", {"x", "s", "c"}, "y"));
  const auto conv = op_of<Convolution>(read(model), "y");
  EXPECT_EQ(list(conv.weights), (Floats{2, 6, 10, 4, 8, 12}));
  EXPECT_NEAR((*conv.bias)[0], 12, 1e-5);
}

// A function that calls another, with an attribute passed by reference.
TEST(OnnxFiles, PutsFunctionsInPlaceOfTheirCalls) {
  const auto reference = [](const std::string& name, const std::string& of) {
    return Message().text(1, name).text(21, of).integer(20, 1);
  };
  Message leaky, outer;
  leaky.text(1, "leaky").text(4, "in").text(5, "out").text(6, "slope").text(10, "here");
  leaky.message(
      7,
      TestNode("LeakyRelu", {"in"}, "out", "n").attribute(reference("alpha", "slope")).message());
  outer.text(1, "outer").text(4, "a").text(5, "b").text(10, "here");
  outer.message(11, Message().text(1, "s").number(2, 0.25f).integer(20, 1));
  outer.message(7, TestNode("leaky", {"a"}, "mid", "first")
                       .domain("here")
                       .attribute(reference("slope", "s"))
                       .message());
  outer.message(7, TestNode("Sigmoid", {"mid"}, "b", "second").message());
  TestModel model;
  model.function(leaky).function(outer);
  model.add(TestNode("outer", {"x"}, "y", "block").domain("here"));
  model.add(TestNode("outer", {"y"}, "z", "again").domain("here").set("s", 0.5f));
  const Graph graph = read(model);
  ASSERT_EQ(graph.layers.size(), 5u);
  EXPECT_EQ(op_of<Relu>(graph, "block/first").negative_slope, 0.25f);
  EXPECT_EQ(op_of<Relu>(graph, "again/first").negative_slope, 0.5f);
  EXPECT_EQ(op_of<Activation>(graph, "block").function, Activation::Function::sigmoid);
  EXPECT_EQ(graph.find("y"), graph.find("block"));

  // One that calls itself stays a node that is not known
  Message endless;
  endless.text(1, "f").text(4, "a").text(5, "b").text(10, "here");
  endless.message(7, TestNode("f", {"a"}, "b").domain("here").message());
  TestModel bad;
  bad.function(endless).add(TestNode("f", {"x"}, "y").domain("here"));
  EXPECT_EQ(op_of<UnknownLayer>(read(bad), "y").type, "here.f");
}

TEST(OnnxFiles, TakesTheBranchThatAConstantChooses) {
  Message then_branch, else_branch;
  then_branch.message(1, TestNode("Relu", {"x"}, "t").message())
      .message(12, Message().text(1, "t"));
  else_branch.message(1, TestNode("Tanh", {"x"}, "e").message())
      .message(12, Message().text(1, "e"));
  TestModel model(13);
  model.add(TestNode("Constant", {}, "yes").set("value_int", 1));
  TestNode node("If", {"yes"}, "y");
  node.attribute(Message().text(1, "then_branch").message(6, then_branch));
  model.add(node.attribute(Message().text(1, "else_branch").message(6, else_branch)));
  const Graph graph = read(model);
  op_of<Relu>(graph, "y");
  EXPECT_LT(graph.find("e"), 0);
}

// Inputs ----------------------------------------------------------------------------------------

OnnxNetwork normalized(const Floats& mean, const Floats& deviation, int type = 1) {
  TestModel model(13, {1, 3, 8, 8}, type);
  model.add(onnx::tensor("mean", {1, 3, 1, 1}, mean))
      .add(onnx::tensor("std", {1, 3, 1, 1}, deviation));
  model.add("w", {2, 3, 1, 1}).add(TestNode("Cast", {"x"}, "f").set("to", 1));
  model.add(TestNode("Sub", {"f", "mean"}, "s")).add(TestNode("Div", {"s", "std"}, "n"));
  return read(model.add(TestNode("Conv", {"n", "w"}, "y")).bytes());
}

TEST(OnnxFiles, NormalizationInsideTellsTheRange) {
  const InputTransform bytes{{0, 1, 2}, {0, 0, 0}, {1, 1, 1}};
  const InputTransform unit{{0, 1, 2}, {0, 0, 0}, {1 / 255.f, 1 / 255.f, 1 / 255.f}};
  const InputTransform blue_first{{2, 1, 0}, {0, 0, 0}, {1, 1, 1}};
  const auto told = [](const Floats& mean, const Floats& deviation) {
    return normalized(mean, deviation).transform;
  };
  EXPECT_EQ(told({123.675f, 116.28f, 103.53f}, {58.4f, 57.1f, 57.4f}), bytes);
  EXPECT_EQ(told({127.5f, 127.5f, 127.5f}, {127.5f, 127.5f, 127.5f}), bytes);
  EXPECT_EQ(told({0, 0, 0}, {255, 255, 255}), bytes);
  EXPECT_EQ(told({0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}), unit);
  EXPECT_EQ(told({0.5f, 0.5f, 0.5f}, {0.5f, 0.5f, 0.5f}), unit);
  EXPECT_EQ(told({103.939f, 116.779f, 123.68f}, {1, 1, 1}), blue_first);
  // torchvision's transform_input undoes ImageNet's
  EXPECT_EQ(told({0.0655f, 0.1964f, 0.4178f}, {2.1834f, 2.2321f, 2.2222f}), torch_input);
  EXPECT_EQ(told({0.1f, -3, 5}, {1, 9, 1}), std::nullopt);
  // Bytes are 0..255 whatever follows
  EXPECT_EQ(normalized({0.1f, -3, 5}, {1, 9, 1}, 2).transform, bytes);
}

TEST(OnnxFiles, GreyNetworksSeeTheLuma) {
  for (const Integers& extents :
       {Integers{1, 1, 8, 8}, Integers{1, 8, 8, 1}, Integers{1, -1, 8, 8}}) {
    TestModel model(13, extents);
    model.add("w", {2, 1, 3, 3});
    const bool is_last = extents[3] == 1;
    if (is_last) model.add(TestNode("Transpose", {"x"}, "t").set("perm", Integers{0, 3, 1, 2}));
    model.add(TestNode("Conv", {is_last ? "t" : "x", "w"}, "y"));
    const OnnxNetwork network = read(model.bytes());
    EXPECT_TRUE(network.is_grey);
    const auto grey = op_of<Convolution>(network.graph, "x/grey");
    EXPECT_EQ(list(grey.weights), (Floats{0.299f, 0.587f, 0.114f}));
    EXPECT_EQ(shape_of(network.graph, "y", 8, 8), (Shape{2, 6, 6}));
  }
}

TEST(OnnxFiles, PicturesWithoutABatch) {
  TestModel model(13, {3, 8, 8});
  model.add("w", {2, 3, 1, 1}).add(onnx::tensor("zero", Integers{0}));
  model.add(TestNode("Unsqueeze", {"x", "zero"}, "b")).add(TestNode("Conv", {"b", "w"}, "y"));
  EXPECT_EQ(shape_of(read(model), "y", 8, 8), (Shape{2, 8, 8}));
}

// A batch of eight in the file's own shapes.
TEST(OnnxFiles, AnExportedBatchIsOne) {
  TestModel model(13, {8, 3, 4, 4});
  model.add(onnx::tensor("to", {8, 48})).add("fc", {2, 48});
  model.add(TestNode("Reshape", {"x", "to"}, "f"));
  model.add(TestNode("Gemm", {"f", "fc"}, "y").set("transB", 1));
  EXPECT_EQ(shape_of(read(model), "y", 4, 4), (Shape{2, 1, 1}));
}

// Operator sets
// ------------------------------------------------------------------------------------

TEST(OnnxFiles, OlderOperatorSets) {
  TestModel model(1, {1, 3, 8, 8});
  model.add("b", {3}, 1, 1).add("g", {3}, 2, 0).add("m", {3}, 0, 0).add("v", {3}, 1, 0);
  model.add(TestNode("Add", {"x", "b"}, "a").set("broadcast", 1).set("axis", 1));
  model.add(TestNode("BatchNormalization", {"a", "g", "b", "m", "v"}, "n")
                .set("spatial", 1)
                .set("is_test", 1)
                .set("consumed_inputs", Integers{0, 0, 0, 1, 1})
                .set("epsilon", 0.f));
  model.add(TestNode("Pad", {"n"}, "p").set("paddings", Integers{0, 0, 1, 1, 0, 0, 1, 1}));
  model.add(TestNode("Slice", {"p"}, "s")
                .set("starts", Integers{1})
                .set("ends", Integers{3})
                .set("axes", Integers{1}));
  model.add(TestNode("Upsample", {"s"}, "u").set("height_scale", 2.f).set("width_scale", 2.f));
  model.add(TestNode("Dropout", {"u"}, "y").set("is_test", 1));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<Affine>(graph, "a").shift), (Floats{1, 2, 3}));
  EXPECT_EQ(list(op_of<Affine>(graph, "n").scale), (Floats{2, 2, 2}));
  EXPECT_EQ(shape_of(graph, "y", 8, 8), (Shape{2, 20, 20}));
}

TEST(OnnxFiles, LaterOperatorSets) {
  TestModel model(24, {1, 3, 8, 8});
  model.add(onnx::tensor("hw", {2, 3})).add(onnx::tensor("pads", {1, 1, 1, 1}));
  model.add(TestNode("Pad", {"x", "pads", "", "hw"}, "p"));
  model.add(TestNode("Split", {"p"}, "a").also_gives("b").set("axis", 1).set("num_outputs", 2));
  model.add(TestNode("ReduceMean", {"p", "hw"}, "m").set("keepdims", 0));
  model.add(onnx::tensor("scales", {2}, {2, 2}));
  model.add(TestNode("Resize", {"p", "", "scales"}, "r").set("axes", Integers{2, 3}));
  const Graph graph = read(model);
  EXPECT_EQ(shape_of(graph, "a", 8, 8), (Shape{2, 10, 10}));
  EXPECT_EQ(shape_of(graph, "b", 8, 8), (Shape{1, 10, 10}));
  EXPECT_EQ(shape_of(graph, "m", 8, 8), (Shape{3, 1, 1}));
  EXPECT_EQ(shape_of(graph, "r", 8, 8), (Shape{3, 20, 20}));
}

// Quantised
// ------------------------------------------------------------------------------------------

Message integers_of_type(const std::string& name, const Integers& extents, int type,
                         const std::string& raw) {
  Message array;
  for (const std::int64_t extent : extents) array.integer(1, extent);
  return array.integer(2, type).text(8, name).text(9, raw);
}

TEST(OnnxFiles, DequantizesWeights) {
  TestModel model(13, {1, 3, 8, 8});
  model.add(integers_of_type("q", {2, 3, 1, 1}, 3, std::string("\x01\x02\x03\xff\xfe\xfd", 6)));
  model.add(onnx::tensor("s", {2}, {0.5f, 2}))
      .add(integers_of_type("z", {2}, 3, std::string("\0\1", 2)));
  model.add(onnx::tensor("one", {}, {0.1f}))
      .add(integers_of_type("u8", {}, 2, std::string("\0", 1)));
  model.add(integers_of_type("mid", {}, 2, "\x80"));
  model.add(TestNode("QuantizeLinear", {"x", "one", "mid"}, "xq"));
  model.add(TestNode("DequantizeLinear", {"xq", "one", "mid"}, "xd"));
  model.add(TestNode("DequantizeLinear", {"q", "s", "z"}, "w").set("axis", 0));
  model.add(TestNode("Conv", {"xd", "w"}, "c"));
  model.add(TestNode("QuantizeLinear", {"c", "one", "u8"}, "cq"));
  model.add(TestNode("DequantizeLinear", {"cq", "one", "u8"}, "y"));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<Convolution>(graph, "c").weights), (Floats{0.5f, 1, 1.5f, -4, -6, -8}));
  EXPECT_EQ(layer_of(graph, "c").inputs[0], 0);
  // A zero point at the smallest number cuts off what is below zero: a ReLU that was left out
  EXPECT_FLOAT_EQ(op_of<Relu>(graph, "y").ceiling, 25.5f);

  // Blocks along an axis
  TestModel blocks(21, {1, 3, 8, 8});
  blocks.add(integers_of_type("q", {1, 4}, 22, "\x21\x43")).add(onnx::tensor("s", {1, 2}, {1, 10}));
  blocks.add(TestNode("DequantizeLinear", {"q", "s"}, "w").set("axis", 1).set("block_size", 2));
  blocks.add(onnx::tensor("to", {4, 1, 1, 1})).add(TestNode("Reshape", {"w", "to"}, "k"));
  blocks.add("c", {1, 3, 1, 1}).add(TestNode("Conv", {"x", "c"}, "g"));
  blocks.add(TestNode("Conv", {"g", "k"}, "y"));
  EXPECT_EQ(list(op_of<Convolution>(read(blocks), "y").weights), (Floats{1, 2, 30, 40}));
}

TEST(OnnxFiles, QuantisedOperators) {
  TestModel model(13, {1, 3, 8, 8});
  model.add(onnx::tensor("xs", {}, {0.5f})).add(integers_of_type("xz", {}, 2, "\x80"));
  model.add(integers_of_type("q", {2, 3, 1, 1}, 3, std::string("\x01\x02\x03\xff\xfe\xfd", 6)));
  model.add(onnx::tensor("ws", {2}, {0.5f, 2}))
      .add(integers_of_type("wz", {2}, 3, std::string("\0\0", 2)));
  model.add(onnx::tensor("ys", {}, {1}))
      .add(integers_of_type("b", {2}, 6, std::string("\x04\0\0\0\x08\0\0\0", 8)));
  model.add(TestNode("QuantizeLinear", {"x", "xs", "xz"}, "xq"));
  model.add(TestNode("QLinearConv", {"xq", "xs", "xz", "q", "ws", "wz", "ys", "xz", "b"}, "c"));
  model.add(TestNode("QLinearAdd", {"c", "ys", "xz", "c", "ys", "xz", "ys", "xz"}, "a")
                .domain("com.microsoft"));
  model.add(TestNode("DynamicQuantizeLinear", {"x"}, "d").also_gives("ds").also_gives("dz"));
  model.add(TestNode("ConvInteger", {"d", "q", "dz"}, "i"))
      .add(TestNode("Cast", {"i"}, "f").set("to", 1));
  model.add(TestNode("Mul", {"ds", "xs"}, "fs")).add(TestNode("Mul", {"f", "fs"}, "y"));
  const Graph graph = read(model);
  EXPECT_EQ(list(op_of<Convolution>(graph, "c").weights), (Floats{0.5f, 1, 1.5f, -2, -4, -6}));
  EXPECT_EQ(list(op_of<Convolution>(graph, "c").bias), (Floats{1, 8}));
  EXPECT_EQ(op_of<Eltwise>(graph, "a").operation, Eltwise::Operation::sum);
  EXPECT_EQ(list(op_of<Affine>(graph, "y").scale), (Floats{0.5f, 0.5f}));
}

// ONNX Runtime -----------------------------------------------------------------------------------

TEST(OnnxFiles, FusedNodesOfOnnxRuntime) {
  TestModel model(13, {1, 3, 8, 8});
  model.add("w", {2, 3, 1, 1}).add("w2", {2, 2, 1, 1}).add("m", {2, 4}).add("b", {2});
  model.add(TestNode("FusedConv", {"x", "w"}, "c", "first")
                .domain("com.microsoft")
                .set("activation", "Relu"));
  model.add(TestNode("FusedConv", {"c", "w2", "", "c"}, "s", "second")
                .domain("com.microsoft")
                .set("activation", "LeakyRelu")
                .set("activation_params", Floats{0.125f}));
  model.add(TestNode("QuickGelu", {"s"}, "q").domain("com.microsoft"));
  model.add(TestNode("Transpose", {"q"}, "t").set("perm", Integers{0, 2, 3, 1}));
  model.add(TestNode("BiasGelu", {"t", "b"}, "g").domain("com.microsoft"));
  model.add(TestNode("FusedMatMul", {"g", "m"}, "f").domain("com.microsoft").set("alpha", 2.f));
  model.add(TestNode("SkipLayerNormalization", {"t", "g", "b", "b"}, "n").domain("com.microsoft"));
  model.add(TestNode("Fused", {"q"}, "u").domain("com.microsoft"));
  const Graph graph = read(model);
  EXPECT_EQ(graph.find("c"), graph.find("first"));
  op_of<Relu>(graph, "first");
  op_of<Convolution>(graph, "first/conv");
  EXPECT_EQ(op_of<Relu>(graph, "second").negative_slope, 0.125f);
  op_of<Eltwise>(graph, "second/sum");
  EXPECT_EQ(op_of<Activation>(graph, "q").a, 1.702f);
  EXPECT_EQ(op_of<Activation>(graph, "g").function, Activation::Function::gelu);
  EXPECT_EQ(list(op_of<Convolution>(graph, "f").weights)[1], 10);
  EXPECT_EQ(op_of<Normalize>(graph, "n").over, Normalize::Over::pixel);
  EXPECT_EQ(op_of<UnknownLayer>(graph, "u").type, "com.microsoft.Fused");
}

}  // namespace
}  // namespace reverie
