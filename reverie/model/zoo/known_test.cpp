#include "reverie/model/zoo/known.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/model/network.h"

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
  add_family_aliases(caffe);
  EXPECT_EQ(caffe.find("mixed4c"), caffe.find("inception_4c/output"));
  EXPECT_EQ(caffe.find("mixed4c_3x3_bottleneck"), caffe.find("inception_4c/3x3_reduce"));
  EXPECT_EQ(caffe.find("conv2d2_pre_relu"), caffe.find("conv2/3x3/pre_relu"));
  EXPECT_EQ(caffe.find("mixed4d"), -1);

  Graph tensorflow = with_layers({"mixed4c", "mixed4c_pool_reduce_pre_relu"});
  add_family_aliases(tensorflow);
  EXPECT_EQ(tensorflow.find("inception_4c/output"), tensorflow.find("mixed4c"));
  EXPECT_EQ(tensorflow.find("inception_4c/pool_proj/pre_relu"),
            tensorflow.find("mixed4c_pool_reduce_pre_relu"));

  Graph released = with_layers({"mixed/join", "mixed_3/join"});
  add_family_aliases(released);
  EXPECT_EQ(released.find("mixed0"), released.find("mixed/join"));
  EXPECT_EQ(released.find("InceptionV3/InceptionV3/Mixed_6a/concat"), released.find("mixed3"));
  EXPECT_GE(released.find("mixed3"), 0);

  Graph vgg = with_layers({"block1_conv2", "block4_conv3", "pool5"});
  add_family_aliases(vgg);
  EXPECT_EQ(vgg.find("conv4_3"), vgg.find("block4_conv3"));
  EXPECT_EQ(vgg.find("block5_pool"), vgg.find("pool5"));
  Graph other = with_layers({"conv4_3", "pool5"});
  add_family_aliases(other);
  EXPECT_TRUE(other.aliases.empty());
}

TEST(FamilyAliases, LeaveTheFilesOwnNames) {
  Graph graph = with_layers({"mixed4c", "inception_4c/output"});
  add_family_aliases(graph);
  EXPECT_EQ(graph.find("mixed4c"), 1);
  EXPECT_EQ(graph.find("inception_4c/output"), 2);
}

TEST(KnownNetworks, AreRecognisedByAllTheirMarks) {
  EXPECT_EQ(recognize(with_layers({"conv1/7x7_s2"})), nullptr);
  const KnownNetwork* inception =
      recognize(with_layers({"conv2d0_pre_relu", "mixed3a_3x3_bottleneck", "mixed4c"}));
  ASSERT_NE(inception, nullptr);
  EXPECT_EQ(inception->name, "inception5h");
  EXPECT_EQ(inception->transform, (InputTransform{{0, 1, 2}, {117, 117, 117}, {1, 1, 1}}));
  for (const std::string_view layer : inception->good_layers) EXPECT_FALSE(layer.empty());
}

TEST(InputTransforms, AreReadFromText) {
  EXPECT_EQ(parse_input_transform("bgr,mean=104:117:123"),
            (InputTransform{{2, 1, 0}, {104, 117, 123}, {1, 1, 1}}));
  EXPECT_EQ(parse_input_transform("rgb,mean=117,scale=2"),
            (InputTransform{{0, 1, 2}, {117, 117, 117}, {2, 2, 2}}));
  EXPECT_EQ(parse_input_transform("mean=1:2:3,std=2:4:8"),
            (InputTransform{{0, 1, 2}, {1, 2, 3}, {0.5f, 0.25f, 0.125f}}));
  EXPECT_EQ(parse_input_transform("range=-1:1"), parse_input_transform("mean=127.5,std=127.5"));
  EXPECT_EQ(parse_input_transform("range=-1:1"), signed_input);
  EXPECT_EQ(parse_input_transform("range=0:1,bgr").mean[0], 0);
}

TEST(InputTransforms, ThatAreNotOnesAreRefused) {
  for (const char* text : {"", "grb", "bgr,", "mean=", "mean=1:2", "mean=1,2", "mean=x", "scale=0",
                           "std=0", "std=nan", "range=1", "range=1:1", "range=0:1:2", "mean=1e99"})
    EXPECT_THROW(parse_input_transform(text), BadRecipe) << text;
}

TEST(InputTransforms, AreDescribed) {
  EXPECT_EQ(describe(caffe_input), "BGR minus 104, 116, 122");
  EXPECT_EQ(describe(InputTransform{}), "RGB");
  EXPECT_EQ(describe(parse_input_transform("mean=117,scale=0.5")), "RGB minus 117 times 0.5");
}

}  // namespace
}  // namespace reverie
