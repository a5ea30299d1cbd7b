// Real networks written in another form and read again: the same gradients, to the bit.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "reverie/base/random.h"
#include "reverie/model/formats/onnx/onnx_model_fixture.h"
#include "reverie/model/network.h"
#include "reverie/plan/plan.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using onnx::Integers;

class RoundTrip : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const fs::path file = fs::path(REVERIE_TEST_DATA) / "models" / GetParam();
    if (!fs::exists(file)) GTEST_SKIP() << "no " << file;
    network_ = open_network(file.string());
    std::string name = (fs::temp_directory_path() / "reverie_trip_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The gradient at a fixed noisy picture of the sum of the default layer's squares.
  Tensor grad(const Network& network) const {
    constexpr std::int64_t height = 131, width = 154;
    const auto compiler = make_compiler(network.graph, {network.graph.find(network_.default_layer)},
                                        Precision::exact);
    const auto plan = compiler->compile(height, width);
    Tensor canvas({3, height, width});
    RandomStream random = Random(9).at(RandomUse::noise, 0, 0, 0);
    for (float& value : canvas.elements()) value = static_cast<float>(random.uniform_int(0, 255));
    plan->forward(canvas);
    const auto activation = plan->activation(0).elements();
    std::copy(activation.begin(), activation.end(), plan->output_grad(0).data());
    Tensor result({3, height, width});
    plan->backward(result);
    return result;
  }

  void expect_same_grad(const Network& copy) const {
    const Tensor before = grad(network_), after = grad(copy);
    double sum = 0;
    for (const float value : before.elements()) sum += std::abs(value);
    EXPECT_GT(sum, 0);
    EXPECT_EQ(std::memcmp(before.data(), after.data(),
                          static_cast<std::size_t>(before.size()) * sizeof(float)),
              0);
  }

  Network network_;
  fs::path folder_;
};

TEST_P(RoundTrip, OfSafetensorsKeepsEveryBit) {
  const fs::path path = folder_ / "copy.safetensors";
  save_network(network_, path);
  const auto begin = std::chrono::steady_clock::now();
  const Network copy = open_network(path.string());
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - begin;
  std::printf("  %s opened in %.1f ms\n", GetParam(), elapsed.count());
  EXPECT_EQ(copy.graph.transform, network_.graph.transform);
  EXPECT_EQ(copy.default_layer, network_.default_layer);
  expect_same_grad(copy);
}

// Caffe's layers as ONNX's, as far as these networks have them.
class OnnxWriter {
 public:
  std::string write(const Graph& graph) {
    for (const Layer& layer : graph.layers) {
      layer_ = &layer;
      inputs_.clear();
      for (const int input : layer.inputs)
        inputs_.push_back(input == 0 ? "x" : graph.layers[static_cast<std::size_t>(input)].name);
      if (!std::visit([this](const auto& op) { return put(op); }, layer.op)) break;
    }
    return model_.bytes();
  }

 private:
  std::string weights(const char* what, const Weights& numbers) {
    const std::string name = layer_->name + "." + what;
    Integers extents;
    for (int axis = 0; axis < numbers->shape().rank(); ++axis)
      extents.push_back(numbers->shape()[axis]);
    const auto elements = numbers->elements();
    model_.add(onnx::tensor(name, extents, {elements.begin(), elements.end()}));
    return name;
  }
  onnx::TestNode node(const char* type) const { return {type, inputs_, layer_->name}; }
  static onnx::TestNode& windowed(onnx::TestNode& node, const Window& w) {
    return node.set("kernel_shape", Integers{w.kernel_h, w.kernel_w})
        .set("strides", Integers{w.stride_h, w.stride_w})
        .set("pads", Integers{w.padding.top, w.padding.left, w.padding.bottom, w.padding.right});
  }

  bool put(const Input&) { return true; }
  bool put(const Convolution& conv) {
    inputs_.push_back(weights("weights", conv.weights));
    if (conv.bias) inputs_.push_back(weights("bias", conv.bias));
    onnx::TestNode written = node("Conv");
    model_.add(windowed(written, conv.window).set("group", conv.groups));
    return true;
  }
  bool put(const Relu&) {
    model_.add(node("Relu"));
    return true;
  }
  bool put(const Pool& pool) {
    onnx::TestNode written = node(pool.kind == Pool::Kind::max ? "MaxPool" : "AveragePool");
    windowed(written, pool.window).set("ceil_mode", pool.rounding == Pool::Rounding::up ? 1 : 0);
    if (pool.kind == Pool::Kind::average) written.set("count_include_pad", 1);
    model_.add(written);
    return true;
  }
  bool put(const Lrn& lrn) {
    const auto size = static_cast<float>(lrn.size);
    model_.add(node("LRN")
                   .set("size", lrn.size)
                   .set("alpha", lrn.alpha * size)
                   .set("beta", lrn.beta)
                   .set("bias", lrn.k));
    return true;
  }
  bool put(const Concat&) {
    model_.add(node("Concat").set("axis", 1));
    return true;
  }
  // The classifier, which no dream needs
  template <class Op>
  bool put(const Op&) {
    return false;
  }

  onnx::TestModel model_;
  const Layer* layer_ = nullptr;
  std::vector<std::string> inputs_;
};

TEST_P(RoundTrip, ThroughOnnxKeepsEveryBit) {
  const fs::path path = folder_ / "copy.onnx";
  std::ofstream(path, std::ios::binary) << OnnxWriter().write(network_.graph);
  NetworkOptions options;
  options.input_transform = network_.graph.transform;
  expect_same_grad(open_network(path.string(), options));
}

INSTANTIATE_TEST_SUITE_P(Networks, RoundTrip,
                         ::testing::Values("googlenet/bvlc_googlenet.caffemodel",
                                           "squeezenet_v1.1/squeezenet_v1.1.caffemodel"),
                         [](const auto& network) {
                           const std::string name = network.param;
                           return name.substr(0, name.find_first_of("/_"));
                         });

}  // namespace
}  // namespace reverie
