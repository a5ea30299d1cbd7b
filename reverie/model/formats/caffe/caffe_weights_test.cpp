// The bytes of a .caffemodel: every form of a blob, and every way to be damaged.
#include "reverie/model/formats/caffe/caffe_weights.h"

#include <gtest/gtest.h>

#include "reverie/base/random.h"
#include "reverie/model/formats/caffe/caffe_network_fixture.h"

namespace reverie::caffe {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A network whose last bytes are weights, so that no truncation leaves it whole.
TestNetwork small_network() {
  TestNetwork net = on_data(
      "layer { name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'"
      "  convolution_param { num_output: 2 kernel_size: 3 } }"
      "layer { name: 'conv2' type: 'Convolution' bottom: 'conv' top: 'conv2'"
      "  convolution_param { num_output: 2 kernel_size: 1 bias_term: false } }");
  net.weights.set_name("test");
  net.add_blob("conv", {2, 3, 3, 3});
  net.add_blob("conv", {2});
  net.add_blob("conv2", {2, 2, 1, 1});
  return net;
}

// Field, wire type and payload by hand, for forms that protobuf would not write.
std::string field(int number, int type, const std::string& payload) {
  std::string out(1, static_cast<char>(number << 3 | type));
  if (type == 2) out.push_back(static_cast<char>(payload.size()));
  return out + payload;
}

Blob only_blob(const std::string& blob) {
  // NetParameter.layers (2) of legacy layers: name (4), blobs (6)
  const std::string net = field(2, 2, field(4, 2, "l") + field(6, 2, blob));
  CaffeWeights weights = read_weights(bytes_of(net), "net.caffemodel");
  Blob found = weights.layers.at("l").blobs.at(0);
  found.packed.clear();  // they view `net`
  return found;
}

Tensor load_only(const std::string& blob, const Shape& shape) {
  const std::string net = field(2, 2, field(4, 2, "l") + field(6, 2, blob));
  const CaffeWeights weights = read_weights(bytes_of(net), "net.caffemodel");
  return load_blob(weights, weights.layers.at("l").blobs.at(0), shape, "layer 'l': blob 0");
}

TEST(CaffeWeights, ReadsNumbersPackedAndOneByOne) {
  const std::string shape = field(7, 2, field(1, 2, "\x02"));
  const std::string one("\x00\x00\x80\x3f", 4), two("\x00\x00\x00\x40", 4);
  for (const std::string& numbers :
       {field(5, 2, one + two), field(5, 5, one) + field(5, 5, two),
        field(5, 2, one) + field(5, 2, two),
        field(8, 2,
              std::string("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8) +
                  std::string("\x00\x00\x00\x00\x00\x00\x00\x40", 8))}) {
    for (const std::string& blob : {shape + numbers, numbers + shape}) {
      const Tensor tensor = load_only(blob, {2});
      EXPECT_EQ(tensor[0], 1);
      EXPECT_EQ(tensor[1], 2);
    }
  }
}

TEST(CaffeWeights, ReadsShapesInEveryForm) {
  EXPECT_EQ(only_blob(field(7, 2, field(1, 2, "\x02\x03"))).extents,
            (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(only_blob(field(7, 2, field(1, 0, "\x02") + field(1, 0, "\x03"))).extents,
            (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(only_blob(field(1, 0, "\x04") + field(2, 0, "\x03") + field(3, 0, "\x02") +
                      field(4, 0, "\x05"))
                .extents,
            (std::vector<std::int64_t>{4, 3, 2, 5}));
}

TEST(CaffeWeights, LeadingOnesDoNotMatter) {
  const std::string numbers = field(5, 2, std::string(8, '\0'));
  EXPECT_EQ(load_only(field(7, 2, field(1, 2, "\x01\x01\x01\x02")) + numbers, {2}).size(), 2);
  EXPECT_EQ(load_only(field(7, 2, field(1, 2, "\x02")) + numbers, {1, 1, 2}).size(), 2);
  expect_error<BadModel>([&] { load_only(field(7, 2, field(1, 2, "\x02\x01")) + numbers, {2}); },
                         {"layer 'l': blob 0 has shape [2,1] in 'net.caffemodel'", "makes it [2]"});
}

TEST(CaffeWeights, RefusesNumbersThatDoNotFillTheShape) {
  expect_error<BadModel>(
      [] { load_only(field(7, 2, field(1, 2, "\x03")) + field(5, 2, std::string(8, '\0')), {3}); },
      {"layer 'l': blob 0 has 2 numbers", "expected 3"});
  // A shape of a million and no data asks for no memory
  expect_error<BadModel>(
      [] { load_only(field(7, 2, field(1, 2, "\x80\x80\x80\x80\x04")), {1LL << 30}); },
      {"has 0 numbers", "expected 1073741824"});
}

TEST(CaffeWeights, EveryTruncationIsNoticed) {
  const TestNetwork net = small_network();
  const std::string whole = net.weights.SerializeAsString();
  ASSERT_NO_THROW(net.read_serialized(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    expect_error<BadModel>([&] { net.read_serialized(whole.substr(0, size)); }, {"net.caffemodel"});
}

TEST(CaffeWeights, SaysWhereTheFileStops) {
  const TestNetwork net = small_network();
  const std::string whole = net.weights.SerializeAsString();
  const std::string size = std::to_string(whole.size() - 1);
  expect_error<BadModel>([&] { net.read_serialized(whole.substr(0, whole.size() - 1)); },
                         {"damaged or cut off at byte", "of " + size, "after layer 'conv'"});
}

TEST(CaffeWeights, DamageIsAnErrorAndNothingWorse) {
  const TestNetwork net = small_network();
  const std::string whole = net.weights.SerializeAsString();
  RandomStream random = Random(1).at(RandomUse::noise, 0, 0, 0);
  for (int trial = 0; trial < 4000; ++trial) {
    std::string damaged = whole;
    for (int hit = random.uniform_int(1, 4); hit > 0; --hit)
      damaged[static_cast<std::size_t>(random.uniform_int(
          0, static_cast<int>(damaged.size()) - 1))] = static_cast<char>(random.next());
    try {
      net.read_serialized(damaged);
    } catch (const BadModel&) {
    }
  }
}

TEST(CaffeWeights, DamagedTextIsAnErrorAndNothingWorse) {
  TestNetwork net = small_network();
  const std::string whole = net.prototxt;
  RandomStream random = Random(2).at(RandomUse::noise, 0, 0, 0);
  constexpr std::string_view letters = "{}<>[]:'\"#0123456789eE.-,_ \nabk";
  for (int trial = 0; trial < 4000; ++trial) {
    net.prototxt = whole;
    for (int hit = random.uniform_int(1, 4); hit > 0; --hit)
      net.prototxt[static_cast<std::size_t>(
          random.uniform_int(0, static_cast<int>(whole.size()) - 1))] =
          letters[static_cast<std::size_t>(
              random.uniform_int(0, static_cast<int>(letters.size()) - 1))];
    try {
      net.read();
    } catch (const BadModel&) {
    } catch (const Unsupported&) {
    }
  }
}

TEST(CaffeWeights, RefusesWhatIsNotACaffemodel) {
  const TestNetwork net = small_network();
  expect_error<BadModel>([&] { net.read_serialized("name: 'a prototxt'"); },
                         {"'net.caffemodel' is damaged or cut off at byte 0"});
  expect_error<BadModel>([&] { net.read_serialized(""); },
                         {"'net.caffemodel' is not a .caffemodel, or is cut off", "0 bytes"});
  expect_error<BadModel>([&] { net.read_serialized(field(1, 2, "only a name")); },
                         {"holds no layer in 13 bytes"});
}

}  // namespace
}  // namespace reverie::caffe
