// Weights files of MobileNets and EfficientNets, with invented weights of few channels.
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/keras/keras_weights_fixture.h"
#include "reverie/model/input_transform.h"

namespace reverie::keras {
namespace {

// The layers of a file, in order.
struct File {
  InventedWeights weights;
  std::vector<std::string> names{"input_1"};

  void add(const std::string& name, std::vector<std::pair<std::string, Extents>> arrays) {
    names.push_back(name);
    weights.layers[name] = std::move(arrays);
  }
  void convolution(const std::string& name, std::int64_t kernel, std::int64_t in, std::int64_t out,
                   const std::string& norm) {
    add(name, {{"kernel:0", {kernel, kernel, in, out}}});
    normalization(norm, out);
  }
  void depthwise(const std::string& name, std::int64_t kernel, std::int64_t count,
                 const std::string& norm) {
    add(name, {{"depthwise_kernel:0", {kernel, kernel, count, 1}}});
    normalization(norm, count);
  }
  void normalization(const std::string& name, std::int64_t count) {
    add(name, {{"gamma:0", {count}},
               {"beta:0", {count}},
               {"moving_mean:0", {count}},
               {"moving_variance:0", {count}}});
  }
  void excite(const std::string& reduce, const std::string& expand, std::int64_t count) {
    add(reduce, {{"kernel:0", {1, 1, count, 2}}, {"bias:0", {2}}});
    add(expand, {{"kernel:0", {1, 1, 2, count}}, {"bias:0", {count}}});
  }
  Architecture recognized() const { return recognise_architecture(names, weights); }
  Graph graph() const {
    const Architecture architecture = recognized();
    return build(architecture.layers, weights, architecture.version);
  }
};

Shape size_of(const Graph& graph, const std::string& name, std::int64_t side) {
  return infer_shapes(graph, side, side)[static_cast<std::size_t>(graph.find(name))];
}

File mobilenet_v2() {
  File file;
  file.convolution("Conv1", 3, 3, 4, "bn_Conv1");
  std::int64_t in = 4;
  for (int i = 0; i <= 16; ++i) {
    const std::string base = i == 0 ? "expanded_conv_" : "block_" + std::to_string(i) + "_";
    const std::int64_t out = i < 6 ? 4 : 6;
    if (i > 0) file.convolution(base + "expand", 1, in, 8, base + "expand_BN");
    file.depthwise(base + "depthwise", 3, i == 0 ? in : 8, base + "depthwise_BN");
    file.convolution(base + "project", 1, i == 0 ? in : 8, out, base + "project_BN");
    in = out;
  }
  file.convolution("Conv_1", 1, in, 9, "Conv_1_bn");
  return file;
}

TEST(MobileArchitectures, MobileNetV2) {
  const File file = mobilenet_v2();
  EXPECT_EQ(file.recognized().name, "mobilenet_v2");
  EXPECT_EQ(file.recognized().transform, signed_input);
  const Graph graph = file.graph();
  EXPECT_EQ(size_of(graph, "out_relu", 224), (Shape{9, 7, 7}));
  EXPECT_EQ(size_of(graph, "block_5_add", 224), (Shape{4, 28, 28}));
  EXPECT_EQ(graph.find("block_6_add"), -1);  // it halves
  EXPECT_EQ(graph.find("block_13_add"), -1);
  EXPECT_EQ(op_of<Relu>(graph, "block_1_expand_relu").ceiling, 6);
  EXPECT_EQ(op_of<Convolution>(graph, "block_1_depthwise").window.padding,
            (Padding{Padding::Rule::given, 0, 0, 1, 1}));
}

TEST(MobileArchitectures, MobileNet) {
  File file;
  file.convolution("conv1", 3, 3, 4, "conv1_bn");
  for (int i = 1; i <= 13; ++i) {
    const std::string deep = "conv_dw_" + std::to_string(i), wide = "conv_pw_" + std::to_string(i);
    file.depthwise(deep, 3, 4, deep + "_bn");
    file.convolution(wide, 1, 4, 4, wide + "_bn");
  }
  file.add("conv_preds", {{"kernel:0", {1, 1, 4, 5}}, {"bias:0", {5}}});
  const Graph graph = file.graph();
  EXPECT_EQ(size_of(graph, "conv_pw_11_relu", 224), (Shape{4, 14, 14}));
  EXPECT_EQ(size_of(graph, "predictions", 224), (Shape{5, 1, 1}));
}

// In the names of Keras 2, with slashes, and of Keras 3.
TEST(MobileArchitectures, MobileNetV3UnderBothNames) {
  for (const bool old : {true, false}) {
    const std::string norm = old ? "/BatchNorm" : "_bn", mark = old ? "/" : "_";
    const std::string first = old ? "Conv" : "conv";
    File file;
    file.convolution(first, 3, 3, 4, first + norm);
    for (int i = 0; i <= 10; ++i) {
      const std::string base =
          (i == 0 ? "expanded_conv" : "expanded_conv_" + std::to_string(i)) + mark;
      if (i > 0) file.convolution(base + "expand", 1, 4, 4, base + "expand" + norm);
      file.depthwise(base + "depthwise", i < 3 ? 3 : 5, 4, base + "depthwise" + norm);
      const std::string reduce = base + "squeeze_excite" + (old ? "/Conv" : "_conv");
      if (i != 1 && i != 2) file.excite(reduce, reduce + "_1", 4);
      file.convolution(base + "project", 1, 4, 4, base + "project" + norm);
    }
    file.convolution(first + "_1", 1, 4, 6, first + "_1" + norm);
    EXPECT_EQ(file.recognized().name, "mobilenet_v3_small");
    const Graph graph = file.graph();
    EXPECT_EQ(size_of(graph, first + "_1" + mark + "activation", 224), (Shape{6, 7, 7}));
    EXPECT_NO_THROW(op_of<Relu>(graph, "expanded_conv_2" + mark + "expand" + mark + "activation"));
    EXPECT_EQ(op_of<Activation>(graph, "expanded_conv_3" + mark + "expand" + mark + "activation")
                  .function,
              Activation::Function::hard_swish);
    const std::string gate = std::string("expanded_conv_4") +
                             (old ? "/squeeze_excite/Conv_1" : "_squeeze_excite_conv_1");
    EXPECT_FLOAT_EQ(op_of<Activation>(graph, gate).a, 1 / 6.f);
  }
}

TEST(MobileArchitectures, EfficientNetScalesItsInputItself) {
  File file;
  file.add("normalization", {{"mean:0", {3}}, {"variance:0", {3}}, {"count:0", {}}});
  file.convolution("stem_conv", 3, 3, 4, "stem_bn");
  for (int stage = 1; stage <= 7; ++stage)
    for (const char block : {'a', 'b'}) {
      const std::string base = "block" + std::to_string(stage) + block + "_";
      const std::int64_t count = stage == 1 ? 4 : 8;
      if (stage > 1) file.convolution(base + "expand_conv", 1, 4, 8, base + "expand_bn");
      file.depthwise(base + "dwconv", stage == 3 ? 5 : 3, count, base + "bn");
      file.excite(base + "se_reduce", base + "se_expand", count);
      file.convolution(base + "project_conv", 1, count, 4, base + "project_bn");
    }
  file.convolution("top_conv", 1, 4, 5, "top_bn");
  EXPECT_EQ(file.recognized().transform, InputTransform{});
  const Graph graph = file.graph();
  EXPECT_EQ(size_of(graph, "top_activation", 224), (Shape{5, 7, 7}));
  EXPECT_EQ(op_of<Eltwise>(graph, "block2b_se_excite").operation, Eltwise::Operation::product);
  EXPECT_EQ(graph.find("block2a_add"), -1);
  EXPECT_GE(graph.find("block2b_add"), 0);
  EXPECT_EQ(graph.find("rescaling_1"), -1);  // the variances are no deviations

  // Without such layers it expects what PyTorch's networks do
  std::erase(file.names, "normalization");
  EXPECT_EQ(file.recognized().transform, torch_input);
}

TEST(MobileArchitectures, AKernelThatIsMissingIsNamed) {
  File file = mobilenet_v2();
  file.weights.layers.erase("block_3_expand");
  expect_error<BadModel>([&] { file.recognized(); },
                         {"'net.h5' has no kernel for layer 'block_3_expand'"});
}

}  // namespace
}  // namespace reverie::keras
