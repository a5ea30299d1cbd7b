// What each layer becomes, and the architectures, with invented weights.
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/keras/keras_weights_fixture.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<float>;

// input -> c, a 1x1 convolution to 4 channels, and then the layer on trial, `x`.
struct Trial {
  std::vector<LayerSpec> layers{{"InputLayer", "input", {}, Json::object()},
                                {"Conv2D", "c", {"input"}, {{"filters", 4}, {"kernel_size", 1}}}};
  InventedWeights weights;

  Trial() { weights.layers["c"] = {{"c/kernel:0", {1, 1, 3, 4}}, {"c/bias:0", {4}}}; }
  Trial& add(const char* type, const std::string& name, Json config = Json::object(),
             std::vector<std::string> inputs = {"c"}) {
    layers.push_back({type, name, std::move(inputs), std::move(config)});
    return *this;
  }
  Graph build() const { return keras::build(layers, weights); }
};

std::string unknown_of(const Graph& graph, const std::string& name) {
  return op_of<UnknownLayer>(graph, name).type;
}

TEST(KerasLayers, ConvolutionWithItsActivation) {
  Trial trial;
  trial.add("Conv2D", "x",
            {{"filters", 5},
             {"kernel_size", {2, 3}},
             {"strides", {1, 2}},
             {"dilation_rate", {2, 1}},
             {"padding", "same"},
             {"activation", "relu"},
             {"use_bias", false}});
  trial.weights.layers["x"] = {{"x/kernel:0", {2, 3, 4, 5}}};
  const Graph graph = trial.build();
  const auto conv = op_of<Convolution>(graph, "x/pre_relu");
  EXPECT_EQ(conv.window, (Window{2, 3, 1, 2, 2, 1, {Padding::Rule::same, 0, 0, 0, 0}}));
  ASSERT_EQ(conv.weights->shape(), (Shape{5, 4, 2, 3}));
  EXPECT_EQ((*conv.weights)[((2 * 4 + 1) * 2 + 1) * 3 + 2],
            static_cast<float>(((1 * 3 + 2) * 4 + 1) * 5 + 2));
  EXPECT_EQ(conv.bias, nullptr);
  EXPECT_EQ(op_of<Relu>(graph, "x").negative_slope, 0);
  EXPECT_EQ(numbers(op_of<Convolution>(graph, "c").bias), (Numbers{0, 1, 2, 3}));
}

TEST(KerasLayers, DepthwiseAndSeparable) {
  Trial trial;
  trial.add("DepthwiseConv2D", "d", {{"kernel_size", 3}, {"depth_multiplier", 2}});
  trial.weights.layers["d"] = {{"d/depthwise_kernel:0", {3, 3, 4, 2}}, {"d/bias:0", {8}}};
  trial.add("SeparableConv2D", "s", {{"kernel_size", 3}, {"filters", 6}, {"use_bias", false}});
  trial.weights.layers["s"] = {{"s/depthwise_kernel:0", {3, 3, 4, 1}},
                               {"s/pointwise_kernel:0", {1, 1, 4, 6}}};
  const Graph graph = trial.build();
  EXPECT_EQ(op_of<Convolution>(graph, "d").groups, 4);
  EXPECT_EQ(op_of<Convolution>(graph, "d").weights->shape(), (Shape{8, 1, 3, 3}));
  EXPECT_EQ(op_of<Convolution>(graph, "s/depthwise").groups, 4);
  EXPECT_EQ(op_of<Convolution>(graph, "s").weights->shape(), (Shape{6, 4, 1, 1}));
  EXPECT_EQ(read_by(graph, "s"), "s/depthwise");
}

TEST(KerasLayers, BatchNormFindsItsArraysByNameOrOrder) {
  Trial trial;
  trial.add("BatchNormalization", "x", {{"epsilon", 1.0}});
  trial.weights.layers["x"] = {
      {"x_running_std:0", {4}}, {"x_running_mean:0", {4}}, {"x_beta:0", {4}}, {"x_gamma:0", {4}}};
  trial.add("BatchNormalization", "plain", {{"epsilon", 1.0}, {"scale", false}});
  trial.weights.layers["plain"] = {{"variable_1", {4}}, {"variable_2", {4}}, {"variable_3", {4}}};
  const Graph graph = trial.build();
  // All arrays are 0 1 2 3: gamma / sqrt(variance + 1), beta - mean * that
  EXPECT_FLOAT_EQ(numbers(op_of<Affine>(graph, "x").scale)[3], 1.5f);
  EXPECT_FLOAT_EQ(numbers(op_of<Affine>(graph, "x").shift)[3], -1.5f);
  EXPECT_FLOAT_EQ(numbers(op_of<Affine>(graph, "plain").scale)[3], 0.5f);
  EXPECT_FLOAT_EQ(numbers(op_of<Affine>(graph, "plain").shift)[3], 1.5f);
}

TEST(KerasLayers, PoolsPaddingAndJoins) {
  Trial trial;
  trial.add("ReLU", "r", {{"max_value", 6}}).add("LeakyReLU", "l", {{"alpha", 0.5}});
  trial.add("ZeroPadding2D", "p", {{"padding", {{1, 0}, {0, 1}}}}, {"r"});
  trial.add("MaxPooling2D", "m", {{"pool_size", {3, 3}}}, {"p"});
  trial.add("AveragePooling2D", "a", {{"pool_size", 3}, {"strides", 1}, {"padding", "same"}});
  trial.add("GlobalAveragePooling2D", "g").add("Concatenate", "both", {{"axis", -1}}, {"c", "r"});
  trial.add("Add", "sum", Json::object(), {"c", "r"}).add("Multiply", "gate", {}, {"c", "g"});
  trial.add("Dropout", "drop", {{"rate", 0.5}}).add("Lambda", "odd");
  trial.add("Activation", "swish", {{"activation", "swish"}});
  const Graph graph = trial.build();
  EXPECT_EQ(op_of<Relu>(graph, "r").ceiling, 6);
  EXPECT_EQ(op_of<Relu>(graph, "l").negative_slope, 0.5f);
  EXPECT_EQ(op_of<Pool>(graph, "m").window,
            (Window{3, 3, 3, 3, 1, 1, {Padding::Rule::given, 1, 0, 0, 1}}));
  EXPECT_EQ(read_by(graph, "m"), "r");
  EXPECT_FALSE(op_of<Pool>(graph, "a").count_padding);
  EXPECT_EQ(op_of<Pool>(graph, "a").window.padding.rule, Padding::Rule::same);
  EXPECT_TRUE(op_of<Pool>(graph, "g").global);
  EXPECT_EQ(layer_of(graph, "both").inputs.size(), 2u);
  EXPECT_EQ(op_of<Eltwise>(graph, "sum").operation, Eltwise::Operation::sum);
  EXPECT_EQ(op_of<Eltwise>(graph, "gate").operation, Eltwise::Operation::product);
  EXPECT_EQ(graph.find("drop"), graph.find("c"));
  EXPECT_EQ(unknown_of(graph, "odd"), "Lambda");
  EXPECT_EQ(op_of<Activation>(graph, "swish").function, Activation::Function::silu);
}

TEST(KerasLayers, DenseReadsTheOrderThatWasFlattened) {
  Trial trial;
  trial.add("Flatten", "flat");
  trial.add("Dense", "x", {{"units", 2}, {"activation", "softmax"}, {"use_bias", false}}, {"flat"});
  trial.weights.layers["x"] = {{"x/kernel:0", {24, 2}}};
  trial.add("GlobalMaxPooling2D", "g").add("Dense", "y", {{"units", 2}}, {"g"});
  trial.weights.layers["y"] = {{"y/kernel:0", {4, 2}}, {"y/bias:0", {2}}};
  const Graph graph = trial.build();
  const auto product = op_of<InnerProduct>(graph, "x/pre_softmax");
  for (std::int64_t o = 0; o < 2; ++o)
    for (std::int64_t c = 0; c < 4; ++c)
      for (std::int64_t place = 0; place < 6; ++place)
        ASSERT_EQ((*product.weights)[o * 24 + c * 6 + place],
                  static_cast<float>((place * 4 + c) * 2 + o));
  EXPECT_NO_THROW(op_of<Softmax>(graph, "x"));
  EXPECT_EQ(numbers(op_of<InnerProduct>(graph, "y").weights), (Numbers{0, 2, 4, 6, 1, 3, 5, 7}));
}

TEST(KerasLayers, WhatDoesNotFitIsNamed) {
  Trial trial;
  trial.add("Conv2D", "x", {{"filters", 5}, {"kernel_size", 3}, {"use_bias", false}});
  expect_error<BadModel>([&] { trial.build(); },
                         {"'net.h5' has 0 arrays for layer 'x', expected 1"});
  trial.weights.layers["x"] = {{"x/kernel:0", {5, 4, 3, 3}}};
  expect_error<BadModel>([&] { trial.build(); },
                         {"'net.h5': the kernel of layer 'x' is [5,4,3,3], expected [3,3,4,5]"});
  const auto with = [](const char* type, Json config) {
    return [=] { Trial().add(type, "x", config).build(); };
  };
  expect_error<BadModel>(with("Conv2D", {{"filters", 0}}), {"layer 'x' (Conv2D): filters is 0"});
  expect_error<BadModel>(with("Conv2D", Json::object()), {"has no filters"});
  expect_error<BadModel>(with("MaxPooling2D", {{"padding", "causal"}}), {"expected valid or same"});
  expect_error<BadModel>(with("MaxPooling2D", {{"pool_size", {1, 2, 3}}}), {"two numbers"});
  expect_error<BadModel>(with("MaxPooling2D", {{"pool_size", "big"}}), {"pool_size is"});
  expect_error<BadModel>(with("ReLU", {{"max_value", "x"}}), {"max_value is"});
  expect_error<BadModel>(with("ZeroPadding2D", {{"padding", {1, 2, 3}}}), {"for two axes"});
  Trial none;
  none.layers.clear();
  expect_error<BadModel>([&] { none.build(); }, {"has no input layer"});
}

// Architectures -----------------------------------------------------------------------------------

// Builds an architecture with arrays of the shapes that it asks for.
struct AnyShape : WeightSource {
  std::string file = "any.h5";
  bool gamma = true;
  std::map<std::string, std::string> types;  // by layer
  const std::string& name() const override { return file; }
  std::vector<std::string> arrays(const std::string& layer) const override {
    return layer == top ? std::vector<std::string>{"kernel:0", "bias:0"}
                        : std::vector<std::string>{};
  }
  Extents extents(const std::string&, const std::string&) const override { return {2048, 1000}; }
  void read(const std::string&, const std::string&, std::span<float>) const override {}
  std::string top;
};

Architecture recognized(const std::vector<std::string>& layers, const std::string& top = "") {
  AnyShape weights;
  weights.top = top;
  return recognise_architecture(layers, weights);
}

int count_of(const Architecture& architecture, const std::string& type) {
  return static_cast<int>(
      std::count_if(architecture.layers.begin(), architecture.layers.end(),
                    [&](const LayerSpec& layer) { return layer.type == type; }));
}

std::vector<std::string> vgg_names(int last) {
  std::vector<std::string> names{"input_1"};
  const int counts[] = {2, 2, last, last, last};
  for (int block = 1; block <= 5; ++block)
    for (int i = 1; i <= counts[block - 1]; ++i)
      names.push_back("block" + std::to_string(block) + "_conv" + std::to_string(i));
  return names;
}

TEST(KerasArchitectures, Vgg) {
  const Architecture sixteen = recognized(vgg_names(3)), nineteen = recognized(vgg_names(4));
  EXPECT_EQ(sixteen.name, "vgg16");
  EXPECT_EQ(count_of(sixteen, "Conv2D"), 13);
  EXPECT_EQ(nineteen.name, "vgg19");
  EXPECT_EQ(count_of(nineteen, "Conv2D"), 16);
  EXPECT_EQ(count_of(nineteen, "MaxPooling2D"), 5);
  EXPECT_EQ(sixteen.transform.order, (std::array{2, 1, 0}));
  EXPECT_FLOAT_EQ(sixteen.transform.mean[0], 103.939f);
}

TEST(KerasArchitectures, ResNetsByBothNames) {
  std::vector<std::string> old{"fc1000"}, recent;
  const int blocks[] = {3, 4, 6, 3};
  for (int stage = 2; stage <= 5; ++stage)
    for (int block = 0; block < blocks[stage - 2]; ++block) {
      old.push_back("res" + std::to_string(stage) + static_cast<char>('a' + block) + "_branch2a");
      recent.push_back("conv" + std::to_string(stage) + "_block" + std::to_string(block + 1) +
                       "_1_conv");
    }
  for (const Architecture& net : {recognized(old, "fc1000"), recognized(recent)}) {
    EXPECT_EQ(net.name, "resnet50");
    EXPECT_EQ(count_of(net, "Conv2D"), 53);
    EXPECT_EQ(count_of(net, "BatchNormalization"), 53);
    EXPECT_EQ(count_of(net, "Add"), 16);
    EXPECT_EQ(count_of(net, "Activation"), 49);
  }
  const Architecture with_top = recognized(old, "fc1000");
  EXPECT_EQ(with_top.layers.back().name, "fc1000");
  EXPECT_EQ(with_top.layers.back().config["units"], 1000);
  const auto find = [](const Architecture& net, const std::string& name) -> const LayerSpec& {
    for (const LayerSpec& layer : net.layers)
      if (layer.name == name) return layer;
    throw std::runtime_error("no layer " + name);
  };
  EXPECT_EQ(find(with_top, "res3a_branch2a").config["strides"], (Json{2, 2}));
  EXPECT_EQ(find(with_top, "res3a_branch1").inputs, find(with_top, "res3a_branch2a").inputs);
  EXPECT_EQ(find(with_top, "add_1").inputs,
            (std::vector<std::string>{"bn2a_branch2c", "bn2a_branch1"}));
  EXPECT_EQ(find(with_top, "add_2").inputs,
            (std::vector<std::string>{"bn2b_branch2c", "activation_4"}));
  EXPECT_EQ(find(recognized(recent), "conv3_block1_1_conv").inputs,
            (std::vector<std::string>{"conv2_block3_out"}));
}

TEST(KerasArchitectures, InceptionV3UnderAnyNumbers) {
  // Keras numbers on from what the process made before; the numbers' order is what counts
  std::vector<std::string> names{"input_7", "mixed10"};
  for (int i = 200; i > 106; --i) {
    names.push_back("conv2d_" + std::to_string(i));
    names.push_back("batch_normalization_" + std::to_string(i));
  }
  const Architecture net = recognized(names);
  EXPECT_EQ(net.name, "inception_v3");
  EXPECT_EQ(count_of(net, "Conv2D"), 94);
  EXPECT_EQ(count_of(net, "Concatenate"), 15);
  EXPECT_EQ(net.layers[0].name, "input_7");
  EXPECT_EQ(net.layers[1].name, "conv2d_107");
  EXPECT_EQ(net.layers[1].config["filters"], 32);
  EXPECT_FLOAT_EQ(static_cast<float>(net.transform.scale[0]), 1 / 127.5f);
}

TEST(KerasArchitectures, OthersAreRefused) {
  expect_error<Unsupported>(
      [] {
        recognized({"conv_a", "conv_b"});
      },
      {"'any.h5' holds weights without their network", "conv_a, conv_b", "save the whole model"});
}

// Descriptions ------------------------------------------------------------------------------------

TEST(KerasDescriptions, SequentialOfEitherForm) {
  const char* layers =
      R"([{"class_name":"Conv2D","config":{"name":"a","filters":2,"batch_input_shape":[null,null,null,3]}},
          {"class_name":"ReLU","config":{"name":"b"}}])";
  for (const std::string& text :
       {std::string(R"({"class_name":"Sequential","config":)") + layers + "}",
        std::string(R"({"class_name":"Sequential","config":{"name":"n","layers":)") + layers +
            "}}"}) {
    const std::vector<LayerSpec> specs = parse_description(text, "net.h5");
    ASSERT_EQ(specs.size(), 3u);
    EXPECT_EQ(specs[0].type, "InputLayer");
    EXPECT_EQ(specs[1].inputs, (std::vector<std::string>{specs[0].name}));
    EXPECT_EQ(specs[2].inputs, (std::vector<std::string>{"a"}));
  }
}

TEST(KerasDescriptions, FunctionalInAnyOrder) {
  const std::vector<LayerSpec> specs = parse_description(
      R"({"class_name":"Model","config":{"layers":[
        {"name":"sum","class_name":"Add","config":{},"inbound_nodes":[[["a",0,0,{}],["i",0,0,{}]]]},
        {"name":"a","class_name":"ReLU","config":{},"inbound_nodes":[[["i",0,0,{}]]]},
        {"name":"i","class_name":"InputLayer","config":{},"inbound_nodes":[]}]}})",
      "net.h5");
  ASSERT_EQ(specs.size(), 3u);
  EXPECT_EQ(specs[0].name, "i");
  EXPECT_EQ(specs[1].name, "a");
  EXPECT_EQ(specs[2].inputs, (std::vector<std::string>{"a", "i"}));
}

TEST(KerasDescriptions, ThatMakeNoSenseAreRefused) {
  const auto parsing = [](const char* text) { return [=] { parse_description(text, "net.h5"); }; };
  expect_error<BadModel>(parsing("{"), {"'net.h5'", "is not JSON"});
  expect_error<BadModel>(parsing("[]"), {"no 'class_name'"});
  expect_error<Unsupported>(parsing(R"({"class_name":"Mine","config":[]})"), {"of class Mine"});
  expect_error<BadModel>(parsing(R"({"class_name":"Model","config":{"layers":3}})"), {"'layers'"});
  expect_error<BadModel>(
      parsing(R"({"class_name":"Sequential","config":[{"class_name":"ReLU","config":3}]})"),
      {"is not an object"});
  expect_error<BadModel>(parsing(R"({"class_name":"Model","config":{"layers":[
      {"name":"a","class_name":"ReLU","config":{},"inbound_nodes":[[["b",0,0]]]},
      {"name":"b","class_name":"ReLU","config":{},"inbound_nodes":[[["a",0,0]]]}]}})"),
                         {"form a cycle"});
  expect_error<BadModel>(parsing(R"({"class_name":"Model","config":{"layers":[
      {"name":"a","class_name":"ReLU","config":{},"inbound_nodes":[[3]]}]}})"),
                         {"inbound_nodes of an unknown form"});
}

}  // namespace
}  // namespace reverie::keras
