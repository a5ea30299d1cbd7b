#include "reverie/model/zoo/recognize.h"

#include <gtest/gtest.h>

#include "reverie/model/zoo/layer_families.h"

namespace reverie {
namespace {

Graph with_layers(const std::vector<std::string>& names) {
  Graph graph;
  graph.add("data", Input{}, {});
  for (const std::string& name : names) graph.add(name, Relu{}, {0});
  return graph;
}

std::string recognized(const std::vector<std::string>& layers, const char* file = "") {
  const ZooNetwork* network = recognize(with_layers(layers), file);
  return network == nullptr ? "" : network->name;
}

TEST(Recognition, NeedsTheWholeSignature) {
  EXPECT_EQ(recognized({"conv1/7x7_s2"}), "");
  EXPECT_EQ(recognized({"conv1/7x7_s2", "inception_4c/output"}), "googlenet");
  EXPECT_EQ(recognized({"conv2d0_pre_relu", "mixed3a_3x3_bottleneck", "mixed4c"}), "inception5h");
}

TEST(Recognition, FindsEveryRow) {
  for (const ZooNetwork& network : known_networks()) {
    const std::string file = network.files.empty() ? "any.file" : weights_of(network).name;
    EXPECT_EQ(recognize(with_layers(network.signature_layers), "/somewhere/" + file), &network)
        << network.name;
  }
}

TEST(Recognition, PrefersTheFilesNameThenTheLongerSignature) {
  const std::vector<std::string> googlenet{"conv1/7x7_s2", "inception_4c/output"};
  EXPECT_EQ(recognized(googlenet, "googlenet_places365.caffemodel"), "places365-googlenet");
  EXPECT_EQ(recognized(googlenet, "mine.caffemodel"), "googlenet");
  EXPECT_EQ(recognized({"block1_conv2", "block4_conv3", "block5_conv3"}), "vgg16");
  EXPECT_EQ(recognized({"block1_conv2", "block4_conv3", "block5_conv3", "block5_conv4"}), "vgg19");
  // The second version of the ResNets has the first one's names, and another input
  const std::vector<std::string> resnet{"conv2_block1_1_conv", "conv5_block3_out"};
  EXPECT_EQ(recognized(resnet), "resnet50");
  EXPECT_EQ(recognized({resnet[0], resnet[1], "conv2_block1_preact_bn"}), "resnet50-v2");

  // A file of that name with another network in it
  EXPECT_EQ(recognized({"conv"}, "bvlc_googlenet.caffemodel"), "");
}

TEST(Recognition, KnowsRelativesByTheirFamily) {
  Graph slim = with_layers({"InceptionV3/InceptionV3/Mixed_6c/concat"});
  EXPECT_EQ(recognize(slim), nullptr);
  EXPECT_EQ(relative_of(slim, LayerFamily::inception_v3), nullptr);  // without its other names
  add_family_aliases(slim, family_of(slim));
  const ZooNetwork* relative = relative_of(slim, family_of(slim));
  ASSERT_NE(relative, nullptr);
  EXPECT_EQ(relative->name, "inception_v3");
  EXPECT_EQ(relative_of(slim, LayerFamily::none), nullptr);
}

// Squeeze-and-excite: a product with numbers that come from the whole picture is a picture still
TEST(DefaultLayer, MayLieBehindAGate) {
  Graph graph;
  graph.add("data", Input{}, {});
  graph.add("stem", Relu{}, {0});
  graph.add("mean", Pool{Pool::Kind::average, {}, true}, {1});
  graph.add("gate", Activation{}, {2});
  graph.add("gated", Eltwise{Eltwise::Operation::product, {}}, {1, 3});
  graph.add("block", Relu{}, {4});
  graph.add("sum", Eltwise{}, {4, 5});
  graph.add("pool", Pool{Pool::Kind::average, {}, true}, {6});
  graph.add("late", Eltwise{}, {7, 3});
  EXPECT_EQ(guess_default_layer(graph), "gated");  // of the joins, two thirds of the way
  graph.layers[4].op = UnknownLayer{"odd"};
  EXPECT_EQ(guess_default_layer(graph), "stem");
}

}  // namespace
}  // namespace reverie
