// How a prototxt's layers become a graph: names, order, what is left out.
#include "reverie/model/formats/caffe/caffe.h"

#include <gtest/gtest.h>

#include <map>

#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/caffe/caffe_network_fixture.h"
#include "reverie/model/formats/native/native_description.h"

namespace reverie::caffe {
namespace {

using Names = std::vector<std::string>;

// A graph as text, weights and all, for comparing two.
std::string spelled_out(const Graph& graph) {
  std::string numbers;
  NativeNetwork network;
  network.graph = graph;
  const std::string json =
      native::to_json(network, [&](const std::string& name, const Weights& weights) {
        numbers += "\n" + name + weights->shape().to_string();
        for (const float value : weights->elements()) numbers += " " + std::to_string(value);
        return name;
      });
  return json + numbers;
}

constexpr const char* convolution =
    "layer { name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'"
    "  convolution_param { num_output: 2 kernel_size: 3 } }\n";
constexpr const char* relu = "layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }\n";

TestNetwork convolved(const std::string& more = "") {
  TestNetwork net = on_data(convolution + more);
  net.add_blob("conv", {2, 3, 3, 3});
  net.add_blob("conv", {2});
  return net;
}

TEST(CaffeGraph, LegacyAndCurrentFormsAreEqual) {
  // One network in both forms
  TestNetwork current = convolved(
      "layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }"
      "layer { name: 'pool' type: 'Pooling' bottom: 'conv' top: 'pool'"
      "  pooling_param { pool: AVE kernel_size: 2 stride: 2 } }"
      "layer { name: 'norm' type: 'LRN' bottom: 'pool' top: 'norm'"
      "  lrn_param { local_size: 3 alpha: 0.3 } }"
      "layer { name: 'join' type: 'Concat' bottom: 'pool' bottom: 'norm' top: 'join' }"
      "layer { name: 'sum' type: 'Eltwise' bottom: 'pool' bottom: 'norm' top: 'sum'"
      "  eltwise_param { operation: SUM coeff: 1 coeff: -1 } }"
      "layer { name: 'drop' type: 'Dropout' bottom: 'join' top: 'join' }"
      "layer { name: 'strange' type: 'TanH' bottom: 'join' top: 'strange' }"
      "layer { name: 'fc' type: 'InnerProduct' bottom: 'join' top: 'fc'"
      "  inner_product_param { num_output: 5 } }"
      "layer { name: 'prob' type: 'Softmax' bottom: 'fc' top: 'prob' }");
  current.add_blob("fc", {5, 4 * 15 * 15});
  current.add_blob("fc", {5});

  TestNetwork legacy;
  legacy.prototxt =
      "name: 'test' input: 'data' input_dim: 1 input_dim: 3 input_dim: 32 input_dim: 32\n"
      "layers { name: 'conv' type: CONVOLUTION bottom: 'data' top: 'conv' blobs_lr: 1"
      "  convolution_param { num_output: 2 kernel_size: 3 } }"
      "layers { name: 'relu' type: RELU bottom: 'conv' top: 'conv' }"
      "layers { name: 'pool' type: POOLING bottom: 'conv' top: 'pool'"
      "  pooling_param { pool: AVE kernel_size: 2 stride: 2 } }"
      "layers { name: 'norm' type: LRN bottom: 'pool' top: 'norm'"
      "  lrn_param { local_size: 3 alpha: 0.3 } }"
      "layers { name: 'join' type: CONCAT bottom: 'pool' bottom: 'norm' top: 'join'"
      "  concat_param { concat_dim: 1 } }"
      "layers { name: 'sum' type: ELTWISE bottom: 'pool' bottom: 'norm' top: 'sum'"
      "  eltwise_param { operation: SUM coeff: 1 coeff: -1 } }"
      "layers { name: 'drop' type: DROPOUT bottom: 'join' top: 'join' }"
      "layers { name: 'strange' type: TANH bottom: 'join' top: 'strange' }"
      "layers { name: 'fc' type: INNER_PRODUCT bottom: 'join' top: 'fc'"
      "  inner_product_param { num_output: 5 } }"
      "layers { name: 'prob' type: SOFTMAX bottom: 'fc' top: 'prob' }";
  for (const auto& layer : current.weights.layer()) {
    auto* old = legacy.weights.add_layers();
    old->set_name(layer.name());
    for (const auto& blob : layer.blobs()) {
      auto* old_blob = old->add_blobs();
      *old_blob->mutable_data() = blob.data();
      std::vector<int> four(4 - static_cast<std::size_t>(blob.shape().dim_size()), 1);
      for (const auto extent : blob.shape().dim()) four.push_back(static_cast<int>(extent));
      old_blob->set_num(four[0]);
      old_blob->set_channels(four[1]);
      old_blob->set_height(four[2]);
      old_blob->set_width(four[3]);
    }
  }
  const std::string expected = spelled_out(current.read().graph);
  EXPECT_NE(expected.find("pre_relu"), std::string::npos);
  EXPECT_EQ(spelled_out(legacy.read().graph), expected);
}

TEST(CaffeGraph, ABlobsNameIsItsValueAfterTheInPlaceRelu) {
  const Graph graph = convolved(std::string(relu) +
                                "layer { name: 'pool1' type: 'Pooling' bottom: 'conv' top: 'p'"
                                "  pooling_param { kernel_size: 2 } }")
                          .read()
                          .graph;
  EXPECT_EQ(names_of(graph), (Names{"data", "conv/pre_relu", "conv", "p"}));
  EXPECT_TRUE(std::holds_alternative<Convolution>(layer_of(graph, "conv/pre_relu").op));
  EXPECT_TRUE(std::holds_alternative<Relu>(layer_of(graph, "conv").op));
  EXPECT_EQ(layer_of(graph, "p").inputs, std::vector<int>{2});

  // Layers whose blob has another name answer to their own too
  EXPECT_EQ(graph.aliases, (std::map<std::string, int, std::less<>>{{"pool1", 3}, {"relu", 2}}));
}

TEST(CaffeGraph, AReaderBetweenInPlaceLayersGetsTheValueOfThatPlace) {
  const Graph graph =
      convolved("layer { name: 'early' type: 'Softmax' bottom: 'conv' top: 'early' }" +
                std::string(relu) +
                "layer { name: 'late' type: 'Softmax' bottom: 'conv' top: 'late' }")
          .read()
          .graph;
  EXPECT_EQ(layer_of(graph, "early").inputs[0], graph.find("conv/pre_relu"));
  EXPECT_EQ(layer_of(graph, "late").inputs[0], graph.find("conv"));
}

TEST(CaffeGraph, AChainOfInPlaceLayersKeepsEveryValue) {
  TestNetwork net = convolved(
      "layer { name: 'bn' type: 'BatchNorm' bottom: 'conv' top: 'conv' }"
      "layer { name: 'scale' type: 'Scale' bottom: 'conv' top: 'conv' }"
      "layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }"
      "layer { name: 'relu2' type: 'ReLU' bottom: 'conv' top: 'conv' }");
  net.add_blob("bn", {2});
  net.add_blob("bn", {2});
  net.add_blob("bn", {1});
  net.add_blob("scale", {2});
  const Graph graph = net.read().graph;
  EXPECT_EQ(names_of(graph), (Names{"data", "conv/pre_batchnorm", "conv/pre_scale", "conv/pre_relu",
                                    "conv/pre_relu2", "conv"}));
  EXPECT_EQ(graph.find("scale"), graph.find("conv/pre_relu"));
  EXPECT_EQ(graph.find("relu2"), graph.find("conv"));
}

TEST(CaffeGraph, ALayerInItsOwnBlobIsALayerOfItsOwn) {
  const Graph graph =
      convolved("layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'relu' }").read().graph;
  EXPECT_EQ(names_of(graph), (Names{"data", "conv", "relu"}));
}

TEST(CaffeGraph, DropoutAndSplitAreOnlyNames) {
  const Graph graph =
      convolved(
          "layer { name: 'drop' type: 'Dropout' bottom: 'conv' top: 'conv' }"
          "layer { name: 'split' type: 'Split' bottom: 'conv' top: 'one' top: 'two' }"
          "layer { name: 'prob' type: 'Softmax' bottom: 'two' top: 'prob' }")
          .read()
          .graph;
  EXPECT_EQ(names_of(graph), (Names{"data", "conv", "prob"}));
  for (const char* name : {"drop", "split", "one", "two"}) EXPECT_EQ(graph.find(name), 1) << name;
  EXPECT_EQ(layer_of(graph, "prob").inputs, std::vector<int>{1});
}

TEST(CaffeGraph, FlattenBeforeAnInnerProductIsOnlyAName) {
  TestNetwork net = convolved(
      "layer { name: 'flat' type: 'Flatten' bottom: 'conv' top: 'flat' }"
      "layer { name: 'fc' type: 'InnerProduct' bottom: 'flat' top: 'fc'"
      "  inner_product_param { num_output: 2 bias_term: false } }"
      "layer { name: 'wrong' type: 'ReLU' bottom: 'flat' top: 'wrong' }");
  net.add_blob("fc", {2, 2 * 30 * 30});
  const Graph graph = net.read().graph;
  EXPECT_EQ(names_of(graph), (Names{"data", "conv", "fc", "wrong"}));
  EXPECT_EQ(layer_of(graph, "fc").inputs, std::vector<int>{1});

  // Anything else would read the numbers in an order that the graph does not have
  EXPECT_EQ(op_of<UnknownLayer>(graph, "wrong").type, "ReLU on a reshaped blob");
}

TEST(CaffeGraph, WhatOnlyTrainingNeedsIsLeftOut) {
  TestNetwork net;
  net.prototxt =
      "name: 'train_val'"
      "layer { name: 'd' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN }"
      "  transform_param { mirror: true mean_value: 104 mean_value: 117 mean_value: 123 } }"
      "layer { name: 'd' type: 'Data' top: 'data' top: 'label' include { phase: TEST }"
      "  transform_param { mean_value: 104 mean_value: 117 mean_value: 123 scale: 0.5 } }" +
      std::string(convolution) +
      "layer { name: 'aux/conv' type: 'Convolution' bottom: 'conv' top: 'aux/conv'"
      "  convolution_param { num_output: 2 kernel_size: 1 } }"
      "layer { name: 'aux/relu' type: 'ReLU' bottom: 'aux/conv' top: 'aux/conv' }"
      "layer { name: 'aux/loss' type: 'SoftmaxWithLoss' bottom: 'aux/conv' bottom: 'label'"
      "  top: 'aux/loss' loss_weight: 0.3 }"
      "layer { name: 'aux/top1' type: 'Accuracy' bottom: 'aux/conv' bottom: 'label' top: 'top1'"
      "  include { phase: TEST } }"
      "layer { name: 'noise' type: 'Strange' bottom: 'conv' top: 'noise' include { phase: TRAIN } }"
      "layer { name: 'only_test' type: 'Softmax' bottom: 'conv' top: 'only_test'"
      "  exclude { phase: TRAIN } }"
      "layer { name: 'quiet' type: 'Silence' bottom: 'label' }"
      "layer { name: 'main' type: 'ReLU' bottom: 'conv' top: 'main' }"
      "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'main' bottom: 'label' top: 'loss' }"
      "layer { name: 'weigh' type: 'Python' bottom: 'loss' bottom: 'main' top: 'weighed' }";
  net.add_blob("conv", {2, 3, 3, 3});
  net.add_blob("conv", {2});
  const CaffeNetwork network = net.read();
  EXPECT_EQ(names_of(network.graph), (Names{"data", "conv", "only_test", "main"}));
  ASSERT_TRUE(network.transform);
  EXPECT_EQ(*network.transform, (InputTransform{{2, 1, 0}, {104, 117, 123}, {0.5f, 0.5f, 0.5f}}));
}

TEST(CaffeGraph, TheInputIsReadInEveryForm) {
  const std::string pool =
      " layer { name: 'p' type: 'Pooling' bottom: 'x' top: 'p' pooling_param { kernel_size: 2 } }";
  for (const char* input :
       {"input: 'x' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8",
        "input: 'x' input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }",
        "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 8, 8] } } }",
        "layer { name: 'in' type: 'MemoryData' top: 'x' top: 'label' }"}) {
    TestNetwork net = on_data("");
    net.prototxt = input + pool;
    const CaffeNetwork network = net.read();
    EXPECT_EQ(names_of(network.graph), (Names{"x", "p"})) << input;
    EXPECT_TRUE(std::holds_alternative<Input>(network.graph.layers[0].op)) << input;
    EXPECT_FALSE(network.transform);
  }
}

TEST(CaffeGraph, ADreamBelowAnUnknownLayerWorks) {
  TestNetwork net =
      convolved(std::string(relu) +
                "layer { name: 'p' type: 'PReLU' bottom: 'conv' top: 'conv' }"
                "layer { name: 'slice' type: 'Slice' bottom: 'conv' top: 'a' top: 'b' }"
                "layer { name: 'above' type: 'Convolution' bottom: 'b' top: 'above'"
                "  convolution_param { num_output: 4 kernel_size: 1 bias_term: false } }");
  net.add_blob("above", {4, 1, 1, 1});
  const Graph graph = net.read().graph;
  EXPECT_EQ(op_of<UnknownLayer>(graph, "conv").type, "PReLU");
  EXPECT_EQ(op_of<UnknownLayer>(graph, "a").type, "Slice");
  const PassResult below = prepare(graph, {graph.find("conv/pre_prelu")});
  EXPECT_EQ(infer_shapes(below.graph, 32, 32).back(), (Shape{2, 30, 30}));
  expect_error<Unsupported>([&] { prepare(graph, {graph.find("above")}); },
                            {"ends at layer 'conv' (PReLU)"});
}

TEST(CaffeGraph, TheDescriptionInsideTheWeightsIsEnough) {
  TestNetwork net = convolved(relu);
  google::protobuf::TextFormat::Parser parser;
  caffe_proto::NetParameter described;
  ASSERT_TRUE(parser.ParseFromString(net.prototxt, &described));
  for (auto& layer : *described.mutable_layer()) {
    if (layer.name() == "conv") *layer.mutable_blobs() = net.layer_named("conv")->blobs();
  }
  const std::string bytes = described.SerializeAsString();
  const CaffeNetwork network =
      read_caffe({"", "", std::as_bytes(std::span(bytes.data(), bytes.size())), "net.caffemodel"});
  EXPECT_EQ(spelled_out(network.graph), spelled_out(net.read().graph));
}

TEST(CaffeGraphErrors, EachIsOneLine) {
  const auto reading = [](const std::string& layers) {
    return [layers] { convolved(layers).read(); };
  };
  expect_error<BadModel>(
      reading("layer { name: 'l' type: 'ReLU' bottom: 'nowhere' top: 'l' }"),
      {"net.prototxt", "layer 'l' reads blob 'nowhere', which no layer before it makes"});
  expect_error<BadModel>(reading("layer { name: 'twice' type: 'ReLU' bottom: 'data' top: 'conv' }"),
                         {"blob 'conv' is made twice, the second time by layer 'twice'"});
  expect_error<BadModel>(reading("layer { name: 'l' bottom: 'data' top: 'l' }"),
                         {"layer 'l' has no type"});
  expect_error<BadModel>(
      reading("layer { name: 'd' type: 'Dropout' bottom: 'data' bottom: 'conv' top: 'd' }"),
      {"layer 'd' (Dropout) reads 2 blobs, expected 1"});
  expect_error<BadModel>(reading("layers { name: 'l' type: RELU bottom: 'data' top: 'l' }"),
                         {"mixes `layer` and legacy `layers`"});

  const auto with_prototxt = [](const std::string& prototxt) {
    return [prototxt] {
      TestNetwork net = convolved();
      net.prototxt = prototxt;
      net.read();
    };
  };
  expect_error<BadModel>(with_prototxt("name: 'x'"), {"net.prototxt", "describes no layers"});
  expect_error<BadModel>(with_prototxt(""), {"net.prototxt", "describes no layers"});
  expect_error<BadModel>(with_prototxt("name: 'x'\nlayer { name: 'a' type }\n"),
                         {"'net.prototxt' does not parse as a prototxt at 2:24: "});
  expect_error<BadModel>(with_prototxt("layer { name: 'a'"), {"does not parse", "1:"});
  expect_error<BadModel>(with_prototxt(std::string("\x0a\x00\x01", 3)),
                         {"net.prototxt", "is not a prototxt: it is a binary file"});
  expect_error<BadModel>(with_prototxt("layer {" + std::string(100, '{')),
                         {"'net.prototxt' line 1: more than 64 nested"});
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += "u {\n";
  expect_error<BadModel>(with_prototxt(nested), {"line 65: more than 64 nested"});
  expect_error<BadModel>(with_prototxt(std::string((16 << 20) + 1, ' ')), {"at most 16777216"});
  expect_error<BadModel>(with_prototxt("layer { name: 'p' type: 'Pooling' top: 'p' }"
                                       "layer { name: 'q' type: 'ReLU' bottom: 'x' top: 'q' }"),
                         {"layer 'q' reads blob 'x'"});
  expect_error<BadModel>(with_prototxt("layer { type: 'SoftmaxWithLoss' }"), {"no input layer"});
  expect_error<Unsupported>(with_prototxt("layers { layer { name: 'conv1' } }"),
                            {"Caffe's form of 2013", "upgrade_net_proto_text"});
  expect_error<Unsupported>(with_prototxt("input: 'data' input_dim: [1, 1, 8, 8]"
                                          "layer { name: 'p' type: 'ReLU' }"),
                            {"input 'data' has 1 channels", "needs 3"});
  expect_error<BadModel>(
      with_prototxt("input: 'data' input_shape { dim: 3 } layer { type: 'ReLU' }"),
      {"input 'data' has 1 extents, expected 4"});
  expect_error<BadModel>(with_prototxt("input: 'data' layer { type: 'ReLU' }"),
                         {"input 'data' has no input_dim or input_shape"});
  expect_error<BadModel>(with_prototxt("layer { name: 'in' type: 'Input' top: 'data' }"),
                         {"input layer 'in' has no shape"});
  std::string many = "input: 'data' input_dim: [1, 3, 8, 8]";
  for (int i = 0; i < 5001; ++i) many += " layer {}";
  expect_error<BadModel>(with_prototxt(many), {"has 5001 layers, expected at most 5000"});
}

TEST(CaffeGraph, UnknownFieldsAndCommentsAreIgnored) {
  TestNetwork net = convolved();
  net.prototxt +=
      "# a comment with { unbalanced { braces\n"
      "layer { name: 's' type: 'Softmax' bottom: 'conv' top: 's' engine_param { mode: FAST list: "
      "[1, 2] nested < a: 'x{{{' > } [some.extension]: 3 }\n";
  EXPECT_EQ(names_of(net.read().graph), (Names{"data", "conv", "s"}));
}

// As Windows' editors write it.
TEST(CaffeGraph, AByteOrderMarkBeforeTheText) {
  TestNetwork net = convolved();
  const Names names = names_of(net.read().graph);
  const std::string text = net.prototxt;
  net.prototxt = "\xef\xbb\xbf" + text;
  EXPECT_EQ(names_of(net.read().graph), names);
  net.prototxt = std::string("\xff\xfen\0a\0", 6);
  expect_error<BadModel>([&] { net.read(); }, {"is text in UTF-16", "save it in that encoding"});
}

}  // namespace
}  // namespace reverie::caffe
