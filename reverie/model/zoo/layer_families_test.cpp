#include "reverie/model/zoo/layer_families.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

Graph with_layers(std::initializer_list<const char*> names) {
  Graph graph;
  graph.add("data", Input{}, {});
  for (const char* name : names) graph.add(name, Relu{}, {0});
  return graph;
}

TEST(FamilyAliases, GoBothWays) {
  Graph caffe =
      with_layers({"conv2/3x3/pre_relu", "inception_4c/3x3_reduce", "inception_4c/output"});
  add_family_aliases(caffe, family_of(caffe));
  EXPECT_EQ(caffe.find("mixed4c"), caffe.find("inception_4c/output"));
  EXPECT_EQ(caffe.find("mixed4c_3x3_bottleneck"), caffe.find("inception_4c/3x3_reduce"));
  EXPECT_EQ(caffe.find("conv2d2_pre_relu"), caffe.find("conv2/3x3/pre_relu"));
  EXPECT_EQ(caffe.find("mixed4d"), -1);

  Graph tensorflow = with_layers({"mixed4c", "mixed4c_pool_reduce_pre_relu"});
  add_family_aliases(tensorflow, family_of(tensorflow));
  EXPECT_EQ(tensorflow.find("inception_4c/output"), tensorflow.find("mixed4c"));
  EXPECT_EQ(tensorflow.find("inception_4c/pool_proj/pre_relu"),
            tensorflow.find("mixed4c_pool_reduce_pre_relu"));

  Graph released = with_layers({"mixed/join", "mixed_3/join"});
  add_family_aliases(released, family_of(released));
  EXPECT_EQ(released.find("mixed0"), released.find("mixed/join"));
  EXPECT_EQ(released.find("InceptionV3/InceptionV3/Mixed_6a/concat"), released.find("mixed3"));
  EXPECT_GE(released.find("mixed3"), 0);

  Graph vgg = with_layers({"block1_conv2", "block4_conv3", "pool5"});
  add_family_aliases(vgg, family_of(vgg));
  EXPECT_EQ(vgg.find("conv4_3"), vgg.find("block4_conv3"));
  EXPECT_EQ(vgg.find("block5_pool"), vgg.find("pool5"));
  Graph other = with_layers({"conv4_3", "pool5"});
  add_family_aliases(other, family_of(other));
  EXPECT_TRUE(other.aliases.empty());
}

TEST(FamilyAliases, LeaveTheFilesOwnNames) {
  Graph graph = with_layers({"mixed4c", "inception_4c/output"});
  add_family_aliases(graph, family_of(graph));
  EXPECT_EQ(graph.find("mixed4c"), 1);
  EXPECT_EQ(graph.find("inception_4c/output"), 2);
}

TEST(LayerFamilies, AreToldByTheirLayers) {
  EXPECT_EQ(family_of(with_layers({"inception_3a/1x1"})), LayerFamily::googlenet);
  EXPECT_EQ(family_of(with_layers({"mixed_3/join"})), LayerFamily::inception_v3);
  EXPECT_EQ(family_of(with_layers({"conv1_1", "conv1_2"})), LayerFamily::vgg);
  EXPECT_EQ(family_of(with_layers({"conv4_3", "relu"})), LayerFamily::none);
  Graph graph = with_layers({"mixed4c"});
  add_family_aliases(graph, LayerFamily::none);
  EXPECT_TRUE(graph.aliases.empty());
}

}  // namespace
}  // namespace reverie
