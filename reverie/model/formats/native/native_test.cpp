#include "reverie/model/formats/native/native.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/model/embedded.h"
#include "reverie/model/formats/caffe/caffe_network_fixture.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

Weights weights_of(Shape shape, std::uint32_t seed) {
  RandomStream random = Random(seed).at(RandomUse::noise, 0, 0, 0);
  Tensor tensor(shape);
  for (float& value : tensor.elements()) value = random.uniform() - 0.5f;
  return std::make_shared<const Tensor>(std::move(tensor));
}

// A network with every op and every field off its default.
NativeNetwork every_op() {
  NativeNetwork network;
  Graph& graph = network.graph;
  graph.name = "every \"op\"";
  graph.transform = {{2, 0, 1}, {1.5f, 2.25f, -3}, {0.125f, 1, 0.1f}};
  Window window;
  window.kernel_h = 3, window.kernel_w = 2, window.stride_h = 2, window.dilation_w = 3;
  window.padding = {Padding::Rule::given, 1, 2, 3, 4};
  graph.add("data", Input{3}, {});
  graph.add("conv", Convolution{window, 3, weights_of({6, 1, 3, 2}, 1), weights_of({6}, 2), 0.25f},
            {0});
  Window same;
  same.kernel_h = same.kernel_w = 3;
  same.padding.rule = Padding::Rule::same;
  graph.add("plain", Convolution{same, 1, weights_of({6, 3, 3, 3}, 3), nullptr, {}}, {0});
  graph.add("relu", Relu{0.5f, 6}, {1});
  graph.add("max", Pool{Pool::Kind::max, window, false, Pool::Rounding::up, true}, {3});
  graph.add("mean", Pool{Pool::Kind::average, same, false, Pool::Rounding::down, false}, {3});
  graph.add("lrn", Lrn{3, 0.1f, 0.7f, 2}, {2});
  graph.add("concat", Concat{}, {5, 6});
  graph.add("sum", Eltwise{Eltwise::Operation::sum, {1, -0.5f}}, {5, 6});
  graph.add("product", Eltwise{Eltwise::Operation::product, {}}, {5, 6});
  graph.add("maximum", Eltwise{Eltwise::Operation::maximum, {}}, {5, 6});
  const Weights shared = weights_of({6}, 4);
  graph.add("affine", Affine{shared, shared}, {8});
  graph.add("global", Pool{Pool::Kind::average, {}, true, Pool::Rounding::down, true}, {11});
  graph.add("fc", InnerProduct{weights_of({4, 6}, 5), weights_of({4}, 6)}, {12});
  graph.add("prob", Softmax{}, {13});
  graph.add("sigmoid", Activation{}, {14});
  graph.add("strange", UnknownLayer{"Str\xc3\xa4nge"}, {15, 0});
  graph.add("bent", Activation{Activation::Function::elu, 0.75f, 1.5f}, {3});
  graph.add("prelu", Prelu{weights_of({6}, 7)}, {3});
  graph.add("select", SelectChannels{{5, 0, 0}}, {3});
  graph.add("normal", Normalize{Normalize::Over::plane, 3, 1e-3f, nullptr, weights_of({6}, 8)},
            {3});
  graph.add(
      "wide",
      TransposedConvolution{window, 2, 1, 2, weights_of({6, 4, 3, 2}, 9), weights_of({8}, 10)},
      {3});
  graph.add("resize",
            Resize{Resize::Method::linear, Resize::Coordinates::align_corners, Resize::Rounding::up,
                   2, 0.5f},
            {3});
  graph.add("pad", Pad{Pad::Mode::reflect, 1, 2, 3, 4}, {3});
  graph.add("depth", DepthToSpace{2, DepthToSpace::Order::color_first}, {3});
  graph.aliases = {{"other/name", 3}, {"last", 14}, {"threshold", 3}, {"peaks", 4}};
  network.default_layer = "relu";
  network.description = "a test";
  network.looks = {{"threshold", "", {{"relu"}}},
                   {"peaks",
                    "tops of \"hills\"",
                    {{"max", 1}, {"lrn", -0.25}},
                    {{"octaves", "5"}, {"step", "1.25"}, {"size", "640"}},
                    false}};
  return network;
}

class NativeFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "reverie_native_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "net.safetensors";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static NativeNetwork read(const std::string& bytes) {
    return read_native(std::as_bytes(std::span(bytes.data(), bytes.size())), "net.safetensors");
  }

  // A file with this header and that much data.
  static std::string with_header(const std::string& header, std::size_t data = 0) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
      bytes.push_back(static_cast<char>((header.size() >> (8 * i)) & 255));
    return bytes + header + std::string(data, '\0');
  }

  fs::path folder_, path_;
};

bool same(const Weights& a, const Weights& b) {
  if (!a || !b) return !a && !b;
  return a->shape() == b->shape() &&
         std::memcmp(a->data(), b->data(), static_cast<std::size_t>(a->size()) * 4) == 0;
}

struct Same {
  bool operator()(const Input& a, const Input& b) const { return a.channels == b.channels; }
  bool operator()(const Convolution& a, const Convolution& b) const {
    return a.window == b.window && a.groups == b.groups && same(a.weights, b.weights) &&
           same(a.bias, b.bias) && a.relu == b.relu;
  }
  bool operator()(const Relu& a, const Relu& b) const {
    return a.negative_slope == b.negative_slope && a.ceiling == b.ceiling;
  }
  bool operator()(const Pool& a, const Pool& b) const {
    return a.kind == b.kind && a.window == b.window && a.global == b.global &&
           a.rounding == b.rounding && a.count_padding == b.count_padding;
  }
  bool operator()(const Lrn& a, const Lrn& b) const {
    return a.size == b.size && a.alpha == b.alpha && a.beta == b.beta && a.k == b.k;
  }
  bool operator()(const Concat&, const Concat&) const { return true; }
  bool operator()(const Eltwise& a, const Eltwise& b) const {
    return a.operation == b.operation && a.coefficients == b.coefficients;
  }
  bool operator()(const Affine& a, const Affine& b) const {
    return same(a.scale, b.scale) && same(a.shift, b.shift);
  }
  bool operator()(const InnerProduct& a, const InnerProduct& b) const {
    return same(a.weights, b.weights) && same(a.bias, b.bias);
  }
  bool operator()(const Activation& a, const Activation& b) const {
    return a.function == b.function && a.a == b.a && a.b == b.b;
  }
  bool operator()(const Prelu& a, const Prelu& b) const { return same(a.slope, b.slope); }
  bool operator()(const SelectChannels& a, const SelectChannels& b) const {
    return a.channels == b.channels;
  }
  bool operator()(const Normalize& a, const Normalize& b) const {
    return a.over == b.over && a.groups == b.groups && a.epsilon == b.epsilon &&
           same(a.scale, b.scale) && same(a.shift, b.shift);
  }
  bool operator()(const TransposedConvolution& a, const TransposedConvolution& b) const {
    return a.window == b.window && a.groups == b.groups &&
           a.output_padding_h == b.output_padding_h && a.output_padding_w == b.output_padding_w &&
           same(a.weights, b.weights) && same(a.bias, b.bias);
  }
  bool operator()(const Resize& a, const Resize& b) const {
    return a.method == b.method && a.coordinates == b.coordinates && a.rounding == b.rounding &&
           a.scale_h == b.scale_h && a.scale_w == b.scale_w;
  }
  bool operator()(const Pad& a, const Pad& b) const {
    return a.mode == b.mode && a.top == b.top && a.left == b.left && a.bottom == b.bottom &&
           a.right == b.right;
  }
  bool operator()(const DepthToSpace& a, const DepthToSpace& b) const {
    return a.block == b.block && a.order == b.order;
  }
  bool operator()(const Softmax&, const Softmax&) const { return true; }
  bool operator()(const UnknownLayer& a, const UnknownLayer& b) const { return a.type == b.type; }
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

void expect_same(const NativeNetwork& a, const NativeNetwork& b) {
  EXPECT_EQ(a.graph.name, b.graph.name);
  EXPECT_EQ(a.graph.transform, b.graph.transform);
  EXPECT_EQ(a.graph.aliases, b.graph.aliases);
  EXPECT_EQ(a.default_layer, b.default_layer);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.looks, b.looks);
  for (const Look& look : a.looks)
    EXPECT_EQ(b.graph.find(look.name), b.graph.find(look.terms[0].layer));
  ASSERT_EQ(a.graph.layers.size(), b.graph.layers.size());
  for (std::size_t i = 0; i < a.graph.layers.size(); ++i) {
    const Layer &x = a.graph.layers[i], &y = b.graph.layers[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.inputs, y.inputs) << x.name;
    EXPECT_TRUE(std::visit(Same{}, x.op, y.op)) << x.name;
  }
}

TEST_F(NativeFile, GivesTheSameNetworkAgain) {
  const NativeNetwork network = every_op();
  write_native(network, path_);
  const NativeNetwork again = read(content());
  expect_same(again, network);

  // Weights that layers share are stored once
  const auto& affine = std::get<Affine>(again.graph.layers[11].op);
  EXPECT_EQ(affine.scale, affine.shift);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(NativeFile, NarrowTypesRoundToNearest) {
  const NativeNetwork network = every_op();
  const Tensor& exact = *std::get<Convolution>(network.graph.layers[1].op).weights;
  for (const auto& [type, epsilon] :
       {std::pair{native::StoredType::f16, 0x1p-11f}, {native::StoredType::bf16, 0x1p-8f}}) {
    write_native(network, path_, type);
    const NativeNetwork again = read(content());
    const Tensor& rounded = *std::get<Convolution>(again.graph.layers[1].op).weights;
    for (std::int64_t i = 0; i < exact.size(); ++i)
      EXPECT_NEAR(rounded[i], exact[i], std::abs(exact[i]) * epsilon + 0x1p-25f) << i;

    // A second trip changes nothing
    write_native(again, path_, type);
    expect_same(read(content()), again);
  }
}

TEST(NativeHalves, EveryHalfSurvives) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool is_nan = (half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0;
    const float value = native::half_to_float(half);
    if (is_nan) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      EXPECT_TRUE(std::isnan(native::half_to_float(native::float_to_half(value)))) << bits;
    } else {
      EXPECT_EQ(native::float_to_half(value), half);
    }
    const float wide = native::bfloat16_to_float(half);
    if (std::isnan(wide))
      EXPECT_TRUE(std::isnan(native::bfloat16_to_float(native::float_to_bfloat16(wide)))) << bits;
    else
      EXPECT_EQ(native::float_to_bfloat16(wide), half);
  }
}

// Values by hand from the definition of the formats.
TEST(NativeHalves, RoundToNearestEven) {
  EXPECT_EQ(native::half_to_float(0x3C00), 1);
  EXPECT_EQ(native::half_to_float(0xC000), -2);
  EXPECT_EQ(native::half_to_float(0x7BFF), 65504);
  EXPECT_EQ(native::half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(native::float_to_half(1 + 0x1p-11f), 0x3C00);             // a tie, to even
  EXPECT_EQ(native::float_to_half(1 + 3 * 0x1p-11f), 0x3C02);         // a tie, to even
  EXPECT_EQ(native::float_to_half(1 + 0x1p-11f + 0x1p-20f), 0x3C01);  // above the tie
  EXPECT_EQ(native::float_to_half(65519), 0x7BFF);
  EXPECT_EQ(native::float_to_half(65520), 0x7C00);
  EXPECT_EQ(native::float_to_half(-1e30f), 0xFC00);
  EXPECT_EQ(native::float_to_half(0x1p-25f), 0x0000);
  EXPECT_EQ(native::float_to_half(0x1.8p-25f), 0x0001);
  EXPECT_EQ(native::float_to_half(0x1.ffbp-15f), 0x03FF);
  EXPECT_EQ(native::float_to_half(0x1.ffcp-15f), 0x0400);
  EXPECT_EQ(native::float_to_bfloat16(1 + 0x1p-8f), 0x3F80);
  EXPECT_EQ(native::float_to_bfloat16(1 + 3 * 0x1p-8f), 0x3F82);
}

TEST_F(NativeFile, EveryTruncationIsNoticed) {
  write_native(every_op(), path_);
  const std::string whole = content();
  for (std::size_t size = 0; size < whole.size(); ++size)
    expect_error<BadModel>([&] { read(whole.substr(0, size)); }, {"'net.safetensors'"});
  expect_error<BadModel>([&] { read(whole + "x"); }, {"1 bytes at its end belong to no array"});
}

TEST_F(NativeFile, DamageIsAnErrorAndNothingWorse) {
  write_native(every_op(), path_);
  const std::string whole = content();
  RandomStream random = Random(3).at(RandomUse::noise, 0, 0, 0);
  const int header = static_cast<int>(whole.find("    "));
  for (int trial = 0; trial < 4000; ++trial) {
    std::string damaged = whole;
    for (int hit = random.uniform_int(1, 3); hit > 0; --hit)
      damaged[static_cast<std::size_t>(random.uniform_int(0, header))] = static_cast<char>(
          random.uniform_int(0, 1) == 0 ? random.uniform_int(48, 57) : random.uniform_int(0, 255));
    try {
      read(damaged);
    } catch (const BadModel&) {
    } catch (const Unsupported&) {
    }
  }
}

TEST_F(NativeFile, RefusesAContainerThatDoesNotFitTogether) {
  const auto reading = [](const std::string& header, std::size_t data) {
    return [=] { read(with_header(header, data)); };
  };
  const auto array = [](const std::string& type, const std::string& shape,
                        const std::string& offsets) {
    return R"("a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}";
  };
  expect_error<BadModel>([] { read("1234567"); }, {"it has 7 bytes"});
  expect_error<BadModel>([] { read(std::string(8, '\xff') + "{}"); },
                         {"header should have 18446744073709551615 bytes, but 2 follow"});
  expect_error<BadModel>(reading("{", 0), {"header is not a JSON object"});
  expect_error<BadModel>(reading("[]", 0), {"header is not a JSON object"});
  expect_error<BadModel>(reading(R"({"__metadata__":3})", 0), {"__metadata__ is not an object"});
  expect_error<BadModel>(reading(R"({"__metadata__":{"a":3}})", 0), {"'a' is not a string"});
  expect_error<BadModel>(reading(R"({"a":{"dtype":"F32"}})", 0), {"array 'a' lacks"});
  expect_error<BadModel>(reading("{" + array("F32", "[2]", "[0,8]") + "}", 4),
                         {"array 'a' does not lie in the 4 bytes"});
  expect_error<BadModel>(reading("{" + array("F32", "[2]", "[0,4]") + "}", 4),
                         {"array 'a' has 4 bytes, its shape [2] of F32 needs 8"});
  expect_error<BadModel>(reading("{" + array("F32", "[2]", "[8,0]") + "}", 8), {"does not lie in"});
  expect_error<BadModel>(reading("{" + array("F32", "[-2]", "[0,8]") + "}", 8),
                         {"not a natural number"});
  expect_error<BadModel>(reading("{" + array("F32", "3", "[0,8]") + "}", 8), {"not a list"});
  expect_error<BadModel>(reading("{" + array("F32", "[1,1,1,1,1,1]", "[0,4]") + "}", 4),
                         {"array 'a' has 6 axes"});
  expect_error<BadModel>(reading("{" + array("F32", "[4294967296,4294967296,4]", "[0,8]") + "}", 8),
                         {"array 'a' has an extent of 4294967296, with 8 bytes"});
  expect_error<BadModel>(
      reading("{" + array("F32", "[65536,65536,65536,65536]", "[0,0]") + "}", 65536),
      {"array 'a' has an extent of 65536, with 65536 bytes"});
  expect_error<Unsupported>(reading("{" + array("I64", "[1]", "[0,8]") + "}", 8),
                            {"array 'a' is of type I64; Reverie reads F32, F16 and BF16"});
  const std::string b = R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":)";
  expect_error<BadModel>(reading("{" + array("F32", "[2]", "[0,8]") + b + "[4,8]}}", 8),
                         {"array 'b' overlaps the one before it"});
  expect_error<BadModel>(reading("{" + array("F32", "[1]", "[0,4]") + b + "[8,12]}}", 12),
                         {"4 bytes before array 'b' belong to none"});
  expect_error<Unsupported>(reading("{}", 0), {"holds weights without a network"});
}

TEST_F(NativeFile, RefusesAGraphThatDoesNotFitItsArrays) {
  // A good layer after the input, and what each change makes of it
  const auto reading = [](const std::string& graph) {
    std::string quoted;
    for (const char c : graph) quoted += c == '"' ? "\\\"" : std::string(1, c);
    return [=] {
      read(with_header(R"({"__metadata__":{"reverie.graph":")" + quoted +
                           R"("},"w":{"dtype":"F32","shape":[1,3,1,1],"data_offsets":[0,12]}})",
                       12));
    };
  };
  const auto graph = [](const std::string& layers, const std::string& more = "") {
    return R"({"version":1,"name":"n","layers":[{"name":"data","op":"input","channels":3})" +
           layers + "]" + more + "}";
  };
  const auto conv = [](const std::string& more) {
    return R"(,{"name":"l","op":"convolution","kernel":[1,1],"stride":[1,1],"padding":[0,0,0,0],)" +
           more + R"("inputs":["data"]})";
  };
  EXPECT_NO_THROW(reading(graph(conv(R"("weights":"w",)")))());
  expect_error<BadModel>(reading("nonsense"), {"its graph is not a JSON object"});
  expect_error<BadModel>(reading("{}"), {"its graph lacks 'version'"});
  expect_error<Unsupported>(reading(R"({"version":2})"), {"version 2", "reads version 1"});
  expect_error<BadModel>(reading(R"({"version":1,"name":"n"})"), {"lacks 'layers'"});
  expect_error<BadModel>(reading(R"({"version":1,"name":"n","layers":[]})"), {"no list of layers"});
  expect_error<BadModel>(reading(graph(conv(""))), {"layer 'l' lacks 'weights'"});
  expect_error<BadModel>(reading(graph(conv(R"("weights":"v",)"))),
                         {"reads array 'v', which is not there"});
  expect_error<BadModel>(reading(graph(conv(R"("weights":"w","bias":"w",)"))),
                         {"layer 'l' has a bias [1,3,1,1], expected [1]"});
  expect_error<BadModel>(reading(graph(conv(R"("weights":"w","groups":2,)"))),
                         {"layer 'l' has weights [1,3,1,1] for 2 groups"});
  expect_error<BadModel>(reading(graph(conv(R"("weights":"w","groups":0,)"))),
                         {"'groups' of 0, expected 1..16777216"});
  expect_error<BadModel>(reading(graph(conv(R"("weights":"w","dilation":[1],)"))),
                         {"'dilation' that is not a list of 2"});
  expect_error<BadModel>(reading(graph(R"(,{"name":"l","op":"relu","inputs":["later"]})")),
                         {"layer 'l' reads \"later\", which no layer before it is"});
  expect_error<BadModel>(reading(graph(R"(,{"name":"l","op":"relu"})")),
                         {"layer 'l' (ReLU) has 0 inputs, expected 1"});
  expect_error<BadModel>(reading(graph(R"(,{"name":"data","op":"softmax","inputs":["data"]})")),
                         {"layer 'data' appears twice"});
  expect_error<BadModel>(reading(graph(R"(,{"name":"l","op":"input","channels":3})")),
                         {"layer 'l' is a second input"});
  expect_error<BadModel>(reading(graph("", R"(,"default_layer":"none")")),
                         {"no layer 'none', its default"});
  expect_error<BadModel>(reading(graph("", R"(,"aliases":{"a":"none"})")),
                         {"alias 'a' for a layer that is not there"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":[{"name":"a","layer":"none"}])")),
                         {"look 'a' of a layer that is not there"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":{"a":"data"})")),
                         {"looks that are not a list"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":[7])")), {"lacks 'name'"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":[{"name":"a"}])")),
                         {"look 'a' without a layer"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":[{"name":"a","layers":["data"]}])")),
                         {"look 'a' whose layers are no object"});
  expect_error<BadModel>(reading(graph("", R"(,"looks":[{"name":"a","layers":{"data":"1"}}])")),
                         {"look 'a' with a weight that is no number"});
  expect_error<BadModel>(
      reading(graph("", R"(,"looks":[{"name":"a","layer":"data","settings":[1]}])")),
      {"look 'a' whose settings are no object"});
  expect_error<BadModel>(
      reading(graph("", R"(,"looks":[{"name":"a","layer":"data","settings":{"step":[]}}])")),
      {"look 'a' whose setting 'step' is no value"});
  expect_error<BadModel>(reading(graph("", R"(,"transform":{"order":[0,1,3]})")),
                         {"'order' of 3, expected 0..2"});
}

TEST_F(NativeFile, SaysWhyItCannotBeWritten) {
  expect_error<FileFailure>([&] { write_native(every_op(), folder_ / "no" / "net.safetensors"); },
                            {"cannot be written", "No such file or directory"});
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(NativeEmbedded, IsTheFileInModels) {
  std::ifstream file(REVERIE_SOURCE_DIR "/models/reverie-4.safetensors", std::ios::binary);
  ASSERT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string expected = text.str();
  const auto bytes = embedded_network();
  ASSERT_EQ(bytes.size(), expected.size());
  EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), expected.size()), 0);
}

}  // namespace
}  // namespace reverie
