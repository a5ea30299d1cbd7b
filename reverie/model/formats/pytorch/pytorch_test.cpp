// Files of torch.save: their numbers, and the architectures that these are recognized as.
#include "reverie/model/formats/pytorch/pytorch.h"

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/model/formats/pytorch/checkpoint.h"
#include "reverie/model/formats/pytorch/checkpoint_fixture.h"
#include "reverie/model/input_transform.h"

namespace reverie::pytorch {
namespace {

using Numbers = std::vector<float>;
using Names = std::vector<std::string>;

PytorchNetwork read_zip(const std::string& bytes) {
  return read_pytorch(ZipArchive(bytes_of(bytes), "net.pth"));
}

Numbers numbers(const Tensor& tensor) {
  return {tensor.elements().begin(), tensor.elements().end()};
}

const Layer& layer_of(const Graph& graph, const std::string& name) {
  const int index = graph.find(name);
  if (index < 0) throw std::runtime_error("the graph has no layer " + name);
  return graph.layers[static_cast<std::size_t>(index)];
}
template <class T>
T op_of(const Graph& graph, const std::string& name) {
  return std::get<T>(layer_of(graph, name).op);
}
std::string read_by(const Graph& graph, const std::string& name, std::size_t input = 0) {
  return graph.layers[static_cast<std::size_t>(layer_of(graph, name).inputs.at(input))].name;
}

// Numbers ---------------------------------------------------------------------------------------

// Opens `dict` in both forms and compares one tensor.
void expect_numbers(const StateDict& dict, const std::string& name, const Numbers& expected) {
  const std::string zip = dict.zip(), legacy = dict.legacy();
  const ZipArchive archive(bytes_of(zip), "net.pth");
  EXPECT_EQ(numbers(Checkpoint(archive).read(name)), expected) << name;
  EXPECT_EQ(numbers(Checkpoint(bytes_of(legacy), "net.pth").read(name)), expected) << name;
}

TEST(Checkpoints, EveryTypeOfNumber) {
  const auto one = [](const char* type, const std::string& bytes, Numbers expected) {
    const auto count = static_cast<std::int64_t>(expected.size());
    expect_numbers(StateDict().add("w", type, count, bytes, 0, {count}, {1}), "w", expected);
  };
  one("FloatStorage", raw(1.5f) + raw(-2.f), {1.5f, -2});
  one("DoubleStorage", raw(0.25), {0.25f});
  one("HalfStorage", raw<std::uint16_t>(0x3c00) + raw<std::uint16_t>(0xc000), {1, -2});
  one("BFloat16Storage", raw<std::uint16_t>(0x3fc0), {1.5f});
  one("LongStorage", raw<std::int64_t>(-3), {-3});
  one("IntStorage", raw<std::int32_t>(7), {7});
  one("ShortStorage", raw<std::int16_t>(-4), {-4});
  one("CharStorage", raw<std::int8_t>(-5), {-5});
  one("ByteStorage", raw<std::uint8_t>(200), {200});
  one("BoolStorage", raw<std::uint8_t>(1), {1});
}

TEST(Checkpoints, StridesAndViews) {
  StateDict dict;
  dict.add("w", {2, 3})
      .add_view("transposed", 0, {3, 2}, {1, 3})
      .add_view("part", 2, {2, 2}, {3, 1});
  dict.add_view("scalar", 5, {}, {}).add_view("again", 1, {2, 2}, {0, 1});
  expect_numbers(dict, "transposed", {0, 3, 1, 4, 2, 5});
  expect_numbers(StateDict().add("w", {2, 3}).add_view("part", 1, {2, 2}, {3, 1}), "part",
                 {1, 2, 4, 5});
  expect_numbers(dict, "scalar", {5});
  expect_numbers(dict, "again", {1, 2, 1, 2});
  for (const auto& [begin, extents, strides] :
       {std::tuple<std::int64_t, std::vector<std::int64_t>, std::vector<std::int64_t>>{4, {3}, {1}},
        {0, {2, 3}, {4, 1}},
        {0, {1000, 1000}, {0, 0}},
        {std::int64_t{1} << 62, {2}, {1}},
        {0, {2}, {std::int64_t{1} << 62}},
        {0, {std::int64_t{1} << 40, std::int64_t{1} << 40}, {1, 1}},
        {0, {0}, {1}}}) {
    const std::string bytes =
        StateDict().add("w", {6}).add_view("v", begin, extents, strides).zip();
    const ZipArchive archive(bytes_of(bytes), "net.pth");
    const Checkpoint checkpoint(archive);
    expect_error<BadModel>([&] { checkpoint.read("v"); }, {"'net.pth'", "tensor 'v'"});
  }
}

TEST(Checkpoints, InsideOfOthers) {
  StateDict dict;
  dict.add("module.w", {1}).add("module.b", {2});
  const std::string bytes = dict.zip("}(" + text("epoch") + "K\x05" + text("optimizer") + "}" +
                                     text("state_dict") + dict.dict() + "u");
  const ZipArchive archive(bytes_of(bytes), "net.pth");
  Checkpoint checkpoint(archive);
  EXPECT_EQ(checkpoint.names(), (Names{"module.b", "module.w"}));
  EXPECT_TRUE(checkpoint.strip());
  EXPECT_EQ(checkpoint.names(), (Names{"b", "w"}));
  EXPECT_FALSE(checkpoint.strip());
}

TEST(Checkpoints, OfOldDenseNets) {
  StateDict dict;
  dict.add("features.denseblock1.denselayer1.norm.1.weight", {1});
  dict.add("features.denseblock1.denselayer1.conv2.weight", {1});
  dict.add("features.transition1.conv.weight", {1});
  const std::string bytes = dict.zip();
  const ZipArchive archive(bytes_of(bytes), "net.pth");
  Checkpoint checkpoint(archive);
  checkpoint.modernise();
  EXPECT_EQ(checkpoint.names(), (Names{"features.denseblock1.denselayer1.conv2.weight",
                                       "features.denseblock1.denselayer1.norm1.weight",
                                       "features.transition1.conv.weight"}));
}

TEST(Checkpoints, OfOtherKinds) {
  const std::string script =
      ZipWriter().add("net/data.pkl", "\x80\x02}.").add("net/constants.pkl", "").finish();
  expect_error<Unsupported>([&] { read_zip(script); }, {"TorchScript", "torch.onnx.export"});
  expect_error<Unsupported>([] { read_zip(StateDict().zip("K\x05")); },
                            {"without weights by name", "torch.onnx.export"});
  expect_error<Unsupported>(
      [] { read_zip(StateDict().add("a.weight", {1}).add("b", {1}).zip()); },
      {"an architecture that is not known", "2 tensors: a.weight, b", "torch.onnx.export"});
  const std::string big =
      ZipWriter().add("net/data.pkl", "\x80\x02}.").add("net/byteorder", "big").finish();
  expect_error<Unsupported>([&] { read_zip(big); }, {"big-endian"});
  expect_error<BadModel>([] { read_pytorch(bytes_of("junk"), "net.pth"); },
                         {"'net.pth' is not a file that torch.save wrote"});
}

TEST(Checkpoints, DamagedOnes) {
  const std::string whole = StateDict().add("a.weight", {3}).norm("b", 2).legacy();
  const auto reading = [](const std::string& bytes) {
    try {
      read_pytorch(bytes_of(bytes), "net.pth");
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      return std::string(error.what()).find("architecture") != std::string::npos;
    }
    return false;
  };
  EXPECT_TRUE(reading(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(reading(whole.substr(0, length))) << length;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(~damaged[i]);
    reading(damaged);
  }
}

// Architectures ---------------------------------------------------------------------------------

// One block a stage, of few channels.
StateDict small_resnet(bool bottleneck) {
  StateDict dict;
  dict.convolution("conv1", 64, 3, 7).norm("bn1", 64);
  std::int64_t in = 64;
  for (int stage = 1; stage <= 4; ++stage) {
    const std::string base = "layer" + std::to_string(stage) + ".0.";
    const std::int64_t out = bottleneck ? 8 : 4;
    dict.convolution(base + "conv1", 4, in, bottleneck ? 1 : 3).norm(base + "bn1", 4);
    dict.convolution(base + "conv2", 4, bottleneck ? 2 : 4, 3).norm(base + "bn2", 4);
    if (bottleneck) dict.convolution(base + "conv3", 8, 4, 1).norm(base + "bn3", 8);
    dict.convolution(base + "downsample.0", out, in, 1).norm(base + "downsample.1", out);
    in = out;
  }
  return dict.add("fc.weight", {5, in}).add("fc.bias", {5});
}

TEST(Architectures, ResNets) {
  for (const bool bottleneck : {false, true}) {
    const PytorchNetwork network = read_zip(small_resnet(bottleneck).zip());
    const Graph& graph = network.graph;
    EXPECT_EQ(graph.name, bottleneck ? "resnet14" : "resnet10");
    EXPECT_EQ(network.default_layer, "layer3.0");
    EXPECT_EQ(network.transform, torch_input);
    const auto second = op_of<Convolution>(graph, "layer2.0.conv2");
    EXPECT_EQ(second.groups, bottleneck ? 2 : 1);
    EXPECT_EQ(second.window.stride_h, bottleneck ? 2 : 1);
    EXPECT_EQ(op_of<Convolution>(graph, "layer2.0.downsample.0").window.stride_w, 2);
    EXPECT_EQ(op_of<Convolution>(graph, "layer1.0.conv1").window.stride_w, 1);
    EXPECT_EQ(read_by(graph, "layer2.0.add", 1), "layer2.0.downsample.1");
    EXPECT_EQ(graph.find("layer4"), graph.find(bottleneck ? "layer4.0.relu_2" : "layer4.0.relu_1"));
    EXPECT_EQ(infer_shapes(graph, 64, 96)[static_cast<std::size_t>(graph.find("layer4"))],
              (Shape{bottleneck ? 8 : 4, 2, 3}));
    EXPECT_EQ(infer_shapes(graph, 64, 96).back(), (Shape{5, 1, 1}));
  }
}

TEST(Architectures, NormalisationsWithTheirStatistics) {
  const Graph graph = read_zip(small_resnet(false).zip()).graph;
  const auto norm = op_of<Affine>(graph, "layer1.0.bn1");  // all numbers are 0 1 2 3, variances 1
  EXPECT_FLOAT_EQ((*norm.scale)[3], 3 / std::sqrt(1 + 1e-5f));
  EXPECT_FLOAT_EQ((*norm.shift)[3], 3 - 9 / std::sqrt(1 + 1e-5f));
}

TEST(Architectures, WhatDoesNotFitIsNamed) {
  StateDict more = small_resnet(false);
  more.add("layer1.0.se.fc.weight", {4});
  expect_error<Unsupported>([&] { read_zip(more.zip()); },
                            {"no resnet10 of torchvision", "'layer1.0.se.fc.weight', too"});
  StateDict odd;
  odd.convolution("conv1", 64, 3, 7).norm("bn1", 64);
  odd.convolution("layer4.0.conv2", 4, 4, 3);
  odd.convolution("layer1.0.conv1", 4, 65, 3);
  expect_error<BadModel>([&] { read_zip(odd.zip()); },
                         {"'layer1.0.conv1.weight' is [4,65,3,3]", "64 channels"});
  // A network of one's own with the names of a VGG
  StateDict own;
  for (const char* name : {"features.0", "features.3", "features.6"})
    own.convolution(name, 3, 3, 3);
  expect_error<Unsupported>([&] { read_zip(own.zip()); }, {"3 tensors: features.0.weight"});
}

void add_basic(StateDict& dict, const std::string& name, std::int64_t in, std::int64_t height,
               std::int64_t width = 0, std::int64_t out = 2) {
  dict.convolution(name + ".conv", out, in, height, width).norm(name + ".bn", out);
}

TEST(Architectures, GoogLeNetExpectsMinusOneToOne) {
  StateDict dict;
  add_basic(dict, "conv1", 3, 7, 0, 64);
  add_basic(dict, "conv2", 64, 1);
  add_basic(dict, "conv3", 2, 3);
  std::int64_t in = 2;
  for (const char* part : {"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"}) {
    const std::string base = std::string("inception") + part;
    add_basic(dict, base + ".branch1", in, 1);
    for (const char* branch : {".branch2", ".branch3"}) {
      add_basic(dict, base + branch + ".0", in, 1);
      add_basic(dict, base + branch + ".1", 2, 3);
    }
    add_basic(dict, base + ".branch4.1", in, 1);
    in = 8;
  }
  dict.add("aux1.fc1.weight", {2, 2});
  const PytorchNetwork network = read_zip(dict.zip());
  const Graph& graph = network.graph;
  EXPECT_EQ(network.transform, signed_input);
  EXPECT_EQ(network.default_layer, "inception4c");
  EXPECT_EQ(graph.find("inception4c"), graph.find("inception4c.cat"));
  EXPECT_EQ(op_of<Pool>(graph, "inception3a.branch4.0").rounding, Pool::Rounding::up);
  EXPECT_EQ(op_of<Pool>(graph, "maxpool4").window.kernel_h, 2);
  EXPECT_EQ(infer_shapes(graph, 224, 224).back(), (Shape{8, 7, 7}));
}

TEST(Architectures, SqueezeNet) {
  StateDict dict;
  dict.convolution("features.0", 4, 3, 3).add("features.0.bias", {4});
  std::int64_t in = 4;
  for (const int i : {3, 4, 6, 7, 9, 10, 11, 12}) {
    const std::string fire = "features." + std::to_string(i);
    dict.convolution(fire + ".squeeze", 2, in, 1).convolution(fire + ".expand1x1", 3, 2, 1);
    dict.convolution(fire + ".expand3x3", 3, 2, 3);
    in = 6;
  }
  const PytorchNetwork network = read_zip(dict.zip());
  EXPECT_EQ(network.graph.name, "squeezenet1_1");
  EXPECT_EQ(read_by(network.graph, "features.4.squeeze"), "features.3.cat");
  EXPECT_EQ(read_by(network.graph, "features.6.squeeze"), "features.5");
  EXPECT_EQ(infer_shapes(network.graph, 224, 224).back(), (Shape{6, 13, 13}));
}

TEST(Architectures, AVggAndItsStages) {
  StateDict dict;
  std::int64_t in = 3;
  int at = 0;
  for (const std::int64_t width : {64, 128, 256, 256, 512, 512, 512, 512}) {
    // One input channel for all: groups, so that the test is small
    dict.add("features." + std::to_string(at) + ".weight", {width, in == 3 ? 3 : 1, 3, 3}, 0.f);
    in = width;
    const bool ends = width < 256 || at == 8 || at == 13 || at == 18;
    at += ends ? 3 : 2;
  }
  const Graph graph = read_zip(dict.zip()).graph;
  EXPECT_EQ(graph.name, "vgg11");
  EXPECT_EQ(read_by(graph, "features.3"), "features.2");
  EXPECT_NO_THROW(op_of<Pool>(graph, "features.20"));
  EXPECT_EQ(infer_shapes(graph, 64, 64).back(), (Shape{512, 2, 2}));
}

}  // namespace
}  // namespace reverie::pytorch
