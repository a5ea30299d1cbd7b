// The graph as a whole: its input, its order, what is left out, and damaged files.
#include "reverie/model/formats/tensorflow/graph_def_fixture.h"

namespace reverie::tensorflow {
namespace {

std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Layer& layer : graph.layers) names.push_back(layer.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(TensorFlow, LayersKeepTheirNames) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 2}).node("w/read", "Identity", {"w"});
  net.conv("c/conv", "input:0", "w/read:0").counting("b", {2});
  net.node("c/pre_relu", "BiasAdd", {"c/conv", "b"}).node("c", "Relu", {"c/pre_relu"});
  net.node("checked", "CheckNumerics", {"c"}).node("out", "Identity", {"checked", "^w"});
  const Graph graph = net.read();
  EXPECT_EQ(names_of(graph), (Names{"input", "c/conv", "c/pre_relu", "c"}));
  EXPECT_EQ(graph.find("out"), graph.find("c"));
  EXPECT_EQ(graph.find("checked"), graph.find("c"));
  EXPECT_EQ(graph.transform, InputTransform{});
}

TEST(TensorFlow, NodesMayComeInAnyOrder) {
  TestGraph net;
  net.node("c", "Relu", {"b"}).conv("b", "a", "w").node("a", "Relu", {"input"});
  net.counting("w", {1, 1, 3, 2}).input();
  EXPECT_EQ(names_of(net.read()), (Names{"input", "a", "b", "c"}));
}

TEST(TensorFlow, ALoopIsNotFollowedForEver) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 3}).conv("c", "input", "w");
  net.node("merge", "Merge", {"c", "next"}).node("next", "NextIteration", {"merge"});
  net.node("above", "Relu", {"merge"});
  const Graph graph = net.read();
  EXPECT_EQ(unknown_of(graph, "merge"), "Merge");
  EXPECT_GE(graph.find("above"), 0);

  // Nor is a long chain a deep one
  TestGraph chain;
  const int length = 50000;
  for (int i = length; i > 0; --i)
    chain.node("n" + std::to_string(i), "Identity", {"n" + std::to_string(i - 1)});
  chain.node("n0", "Placeholder");
  EXPECT_EQ(chain.read().layers.size(), 1u);
}

TEST(TensorFlow, ThePictureIsWhatTheFirstConvolutionReads) {
  TestGraph net;
  net.node("labels", "Placeholder").node("keep_prob", "Placeholder");
  net.node("images", "Placeholder").counting("w", {1, 1, 3, 2}).conv("c", "images", "w");
  EXPECT_EQ(names_of(net.read()), (Names{"images", "c"}));

  TestGraph grey;
  grey.input({-1, 28, 28, 1}).counting("w", {1, 1, 1, 2}).conv("c", "input", "w");
  expect_error<Unsupported>([&] { grey.read(); }, {"input 'input' has 1 channels", "needs 3"});

  TestGraph none;
  none.node("queue", "QueueDequeueV2").counting("w", {1, 1, 3, 2}).conv("c", "queue", "w");
  expect_error<BadModel>([&] { none.read(); }, {"nowhere to put a picture"});
}

TEST(TensorFlow, AnUnstatedInputLiesAsTheFirstConvolutionWantsIt) {
  TestGraph net;
  net.node("input", "Placeholder").counting("w", {1, 1, 3, 2});
  net.conv("c", "input", "w", text("data_format", "NCHW"));
  EXPECT_NO_THROW(op_of<Convolution>(net.read(), "c"));
}

// As Inception v3 was released in 2015: from a file's bytes to -1..1
TEST(TensorFlow, AGraphThatPreparesItsPictureSaysSo) {
  TestGraph net;
  net.node("DecodeJpeg/contents", "Const", {}, tensor(field(1, 7) + field(8, std::string("x"))));
  net.node("DecodeJpeg", "DecodeJpeg", {"DecodeJpeg/contents"}, integer("channels", 3));
  net.node("Cast", "Cast", {"DecodeJpeg"}).ints("dim", {}, {0});
  net.node("ExpandDims", "ExpandDims", {"Cast", "dim"}).ints("size", {2}, {299, 299});
  net.node("ResizeBilinear", "ResizeBilinear", {"ExpandDims", "size"});
  net.floats("y", {}, {128}).node("Sub", "Sub", {"ResizeBilinear", "y"});
  net.floats("z", {}, {0.0078125f}).node("Mul", "Mul", {"Sub", "z"});
  net.counting("w", {3, 3, 3, 2}).conv("conv", "Mul", "w");
  const TensorFlowNetwork network = net.read_all();
  EXPECT_EQ(names_of(network.graph), (Names{"DecodeJpeg", "Sub", "Mul", "conv"}));
  EXPECT_EQ(network.graph.find("ResizeBilinear"), 0);
  ASSERT_TRUE(network.transform);
  EXPECT_EQ(*network.transform, InputTransform{});

  TestGraph plain;
  plain.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w");
  EXPECT_FALSE(plain.read_all().transform);
}

// keep = 0.5: x / keep * floor(keep + random) is x, in expectation; so are the later forms
TEST(TensorFlow, DropoutIsLeftOut) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w");
  net.floats("keep", {}, {0.5f}).node("div", "RealDiv", {"c", "keep"}).node("size", "Shape", {"c"});
  net.node("uniform", "RandomUniform", {"size"}).node("sum", "Add", {"keep", "uniform"});
  net.node("floor", "Floor", {"sum"}).node("mul", "Mul", {"div", "floor"});
  net.floats("rate", {}, {0.25f}).node("mask", "GreaterEqual", {"uniform", "rate"});
  net.node("cast", "Cast", {"mask"}).node("late", "Mul", {"c", "cast"});
  net.node("keep_prob", "Placeholder").node("unscaled", "RealDiv", {"c", "keep_prob"});
  const Graph graph = net.read();
  const auto scale = [&](const char* name) { return numbers(op_of<Affine>(graph, name).scale)[0]; };
  EXPECT_EQ(scale("div") * scale("mul"), 1);
  EXPECT_EQ(scale("late"), 0.75f);
  EXPECT_EQ(scale("unscaled"), 1);
  EXPECT_EQ(graph.find("uniform"), -1);
}

TEST(TensorFlow, UnknownNodesOnlyMatterAboveThem) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w");
  net.node("odd", "NonMaxSuppressionV9", {"c"}).node("after", "Relu", {"odd"});
  net.node("table", "HashTableV2").node("lookup", "LookupTableFind", {"table"});
  net.node("second", "Relu", {"c:1"}).node("missing", "Relu", {"nothing"});
  const Graph graph = net.read();
  EXPECT_EQ(unknown_of(graph, "odd"), "NonMaxSuppressionV9");
  EXPECT_EQ(names_of(graph), (Names{"input", "c", "odd", "after"}));
}

TEST(TensorFlow, NumbersMayBeKeptInAnyOfTheirForms) {
  const auto shift_of = [](const std::string& content) {
    TestGraph net;
    net.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w");
    net.node("b", "Const", {}, tensor(content)).node("d", "Sub", {"c", "b"});
    return numbers(op_of<Affine>(net.read(), "d").shift);
  };
  const std::string two = field(2, shape({2}));
  const Numbers expected{-1.5f, 2};
  EXPECT_EQ(shift_of(field(1, 1) + two + field(5, raw<float>({1.5f, -2}))), expected);
  EXPECT_EQ(shift_of(field(1, 1) + two + field(5, 1.5f) + field(5, -2.f)), expected);
  EXPECT_EQ(shift_of(field(1, 2) + two + field(6, raw<double>({1.5, -2}))), expected);
  EXPECT_EQ(shift_of(field(1, 2) + two + field(4, raw<double>({1.5, -2}))), expected);
  EXPECT_EQ(shift_of(field(1, 19) + two + field(4, raw<std::uint16_t>({0x3E00, 0xC000}))),
            expected);
  EXPECT_EQ(shift_of(field(1, 19) + two + field(13, varint(0x3E00) + varint(0xC000))), expected);
  EXPECT_EQ(shift_of(field(1, 19) + two + field(13, 0x3E00) + field(13, 0xC000)), expected);
  EXPECT_EQ(shift_of(field(1, 14) + two + field(4, raw<std::uint16_t>({0x3FC0, 0xC000}))),
            expected);
  EXPECT_EQ(shift_of(field(1, 3) + two + field(7, varint(7))), (Numbers{-7, -7}));
  EXPECT_EQ(shift_of(field(1, 9) + two + field(10, varint(7) + varint(8))), (Numbers{-7, -8}));
  EXPECT_EQ(shift_of(field(1, 1) + two), (Numbers{-0.f, -0.f}));
}

TEST(TensorFlow, AGraphThatIsNotFrozenIsRefused) {
  TestGraph net;
  net.input()
      .node("w", "VariableV2")
      .node("w/read", "Identity", {"w"})
      .conv("c", "input", "w/read");
  expect_error<BadModel>([&] { net.read(); }, {"'net.pb' is not frozen", "'w'", "freeze"});
  TestGraph saved;
  saved.bytes = field(1, 1) + field(2, std::string("meta graph"));
  expect_error<Unsupported>([&] { saved.read(); }, {"is a SavedModel", "freeze"});
}

TEST(TensorFlow, ConstantsThatLieAreRefused) {
  const auto reading = [](const std::string& content) {
    return [=] {
      TestGraph net;
      net.input().node("w", "Const", {}, content).conv("c", "input", "w").read();
    };
  };
  const std::string floats = field(1, 1);
  expect_error<BadModel>(reading(""), {"constant 'w' has no value"});
  expect_error<BadModel>(
      reading(tensor(floats + field(2, shape({2, 2})) + field(4, raw<float>({1, 2, 3})))),
      {"'net.pb': constant 'w' has shape [2,2], which is 16 bytes, but 12 are there"});
  expect_error<BadModel>(
      reading(tensor(floats + field(2, shape({1})) + field(5, raw<float>({1, 2})))),
      {"constant 'w' has shape [1] but 2 numbers"});
  expect_error<BadModel>(reading(tensor(floats + field(2, shape({-5})))), {"has shape [-5]"});
  expect_error<BadModel>(reading(tensor(floats + field(2, shape({1 << 30, 1 << 30, 1 << 30})))),
                         {"has shape [1073741824,1073741824,1073741824]"});
  expect_error<BadModel>(reading(tensor(floats + field(2, shape({3, 3, 1 << 10, 1 << 20})))),
                         {"filled with one number"});
  expect_error<BadModel>(
      reading(tensor(floats + field(2, shape({3, 3, 3, 1 << 20})) + field(5, 1.f))),
      {"asks for more weights than a file of its size can hold"});
  expect_error<BadModel>(reading(tensor(floats + field(2, shape({1})) + field(5, raw<char>({1})))),
                         {"constant 'w' is damaged"});
}

TEST(TensorFlow, NamesAreUnique) {
  TestGraph net;
  net.input().input();
  expect_error<BadModel>([&] { net.read(); }, {"node 'input' appears twice"});
}

// Every prefix gives either a whole smaller graph or one clear line.
TEST(TensorFlow, FilesCutShortAtEachByte) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w").node("r", "Relu", {"c"});
  int refused = 0;
  for (std::size_t length = 0; length < net.bytes.size(); ++length) {
    TestGraph part;
    part.bytes = net.bytes.substr(0, length);
    try {
      part.read();
    } catch (const BadModel& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).find("'net.pb'"), 0u) << error.what();
    }
  }
  EXPECT_GE(refused, static_cast<int>(net.bytes.size()) - 4);

  TestGraph part;
  part.bytes = net.bytes.substr(0, net.bytes.size() - 1);
  expect_error<BadModel>([&] { part.read(); },
                         {"is not a whole GraphDef: invalid byte", "node 'c'"});
}

// Any byte changed to any of a few values: an answer or an Error, never anything else.
TEST(TensorFlow, FilesWithDamagedBytes) {
  TestGraph net;
  net.input().counting("w", {1, 1, 3, 2}).conv("c", "input", "w").node("r", "Relu", {"c"});
  net.ints("by", {4, 2}, {0, 0, 1, 1, 1, 1, 0, 0}).node("p", "Pad", {"r", "by"});
  net.ints("list", {2}, {-1, 24}).node("flat", "Reshape", {"p", "list"});
  net.counting("m", {24, 2}).node("product", "MatMul", {"flat", "m"});
  for (std::size_t i = 0; i < net.bytes.size(); ++i)
    for (const int change : {0x01, 0x80, 0xFF, 0x7F}) {
      TestGraph damaged = net;
      damaged.bytes[i] = static_cast<char>(damaged.bytes[i] ^ change);
      try {
        damaged.read();
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      }
    }
}

}  // namespace
}  // namespace reverie::tensorflow
