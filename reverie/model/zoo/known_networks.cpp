// The table of known networks. A new one is one row.
#include "reverie/model/input_transform.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

Checksum sha256_is(const char* hex) { return {Checksum::Kind::sha256, hex}; }
Checksum md5_is(const char* hex) { return {Checksum::Kind::md5, hex}; }

const char* const only_md5 = "its publisher gives an MD5 sum, which detects damage but not forgery";

}  // namespace

// Sources of input transforms: golden values of the original notebook for GoogLeNet; the programs
// and readmes that the others were published with.
std::span<const ZooNetwork> known_networks() {
  static const std::string caffe_url =
      "https://raw.githubusercontent.com/BVLC/caffe/9b891540183ddc834a02b2bd81b31afae71b2153/";
  static const std::string squeezenet_url =
      "https://raw.githubusercontent.com/forresti/SqueezeNet/"
      "a47b6f13d30985279789d08053d37013d67d131b/SqueezeNet_v1.1/";
  static const std::string places_url =
      "https://raw.githubusercontent.com/CSAILVision/places365/"
      "06218620d593de09ac4f9f39b72ea0d175990a24/";
  static const std::string keras_url =
      "https://storage.googleapis.com/tensorflow/keras-applications/";
  static const std::string keras_releases_url =
      "https://github.com/fchollet/deep-learning-models/releases/download/";
  static const std::string resnet_release_url =
      "https://github.com/keras-team/keras-applications/releases/download/resnet/";
  static const std::vector<std::string> googlenet_layers{
      "conv2/3x3",           "inception_3a/output", "inception_3b/5x5_reduce",
      "inception_3b/output", "inception_4a/output", "inception_4b/output",
      "inception_4c/output", "inception_4d/output", "inception_4e/output",
      "inception_5a/output"};
  static const std::vector<std::string> keras_vgg_layers{
      "block3_conv1", "block3_conv3", "block4_conv1", "block4_conv2",
      "block4_conv3", "block5_conv1", "block5_conv2", "block5_conv3"};

  static const std::vector<ZooNetwork> table{
      // Source: models/bvlc_googlenet of BVLC/caffe; the SHA-256 in the model.yml of googlenet-v1
      // in openvinotoolkit/open_model_zoo, of the same size as the file whose SHA-1 Caffe's readme
      // gives.
      {.name = "googlenet",
       .other_names = {"bvlc_googlenet"},
       .title = "BVLC GoogLeNet, the network of the original DeepDream notebook (Caffe)",
       .licence = "unrestricted use",
       .signature_layers = {"conv1/7x7_s2", "inception_4c/output"},
       .transform = caffe_input,
       .default_layer = "inception_4c/output",
       .good_layers = googlenet_layers,
       .family = LayerFamily::googlenet,
       .files = {{.name = "deploy.prototxt",
                  .urls = {caffe_url + "models/bvlc_googlenet/deploy.prototxt"},
                  .bytes = 35862,
                  .checksum = sha256_is(
                      "fa36cd4112a3240a29600a5aa35333f31bec33daa1a6085b0af308a9f50f0c50")},
                 {.name = "bvlc_googlenet.caffemodel",
                  .urls = {"http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel"},
                  .bytes = 53533754,
                  .checksum = sha256_is(
                      "6f7101e3a2183738a7125a0c5021ba82a1feb4228c5ca0924d991b6daf6f6fad")}}},

      // Sources: the archive's SHA-256 in the WORKSPACE of TensorFlow 1.1; sizes in tutorials that
      // check them.
      {.name = "inception5h",
       .other_names = {"tensorflow_inception_graph"},
       .title = "Inception5h, the network of TensorFlow's DeepDream tutorial (GraphDef)",
       .licence = "Apache-2.0",
       .signature_layers = {"conv2d0_pre_relu", "mixed3a_3x3_bottleneck", "mixed4c"},
       .transform = {{0, 1, 2}, {117, 117, 117}, {1, 1, 1}},
       .default_layer = "mixed4c",
       .good_layers = {"conv2d2", "mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d",
                       "mixed4e", "mixed5a"},
       .family = LayerFamily::googlenet,
       .files = {{.name = "inception5h.zip",
                  .urls = {"https://storage.googleapis.com/download.tensorflow.org/models/"
                           "inception5h.zip",
                           "http://download.tensorflow.org/models/inception5h.zip"},
                  .bytes = 49937555,
                  .checksum = sha256_is(
                      "d13569f6a98159de37e92e9c8ec4dae8f674fbf475f69fe6199b514f756d4364")},
                 {.name = "tensorflow_inception_graph.pb",
                  .bytes = 53884595,
                  .checksum =
                      sha256_is("a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f"),
                  .member_of = "inception5h.zip"}}},

      // Those of Keras without their classifiers. Sources: the sums in the code of
      // keras-applications; sizes as its downloads print them.
      {.name = "inception_v3",
       .other_names = {"inception_v3_weights_tf_dim_ordering_tf_kernels_notop"},
       .title = "Inception v3, without its classifier (Keras)",
       .licence = "Apache-2.0 (trained and published by Google)",
       .signature_layers = {"mixed3", "mixed10", "mixed9_0"},
       .transform = signed_input,
       .default_layer = "mixed5",
       .good_layers = {"mixed0", "mixed1", "mixed2", "mixed3", "mixed4", "mixed5", "mixed6",
                       "mixed7"},
       .family = LayerFamily::inception_v3,
       .files = {{.name = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
                  .urls = {keras_url + "inception_v3/"
                                       "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
                           keras_releases_url +
                               "v0.5/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"},
                  .bytes = 87910968,
                  .checksum = md5_is("bcbd6486424b2319ff4ef7d526e38f63")}},
       .remark = only_md5},
      {.name = "vgg16",
       .other_names = {"VGG_ILSVRC_16_layers", "vgg16_weights_tf_dim_ordering_tf_kernels_notop"},
       .title = "VGG-16, without its classifier (Keras)",
       .licence = "CC BY 4.0 (Visual Geometry Group, Oxford)",
       .signature_layers = {"block1_conv2", "block4_conv3", "block5_conv3"},
       .transform = vgg_input,
       .default_layer = "block4_conv3",
       .good_layers = keras_vgg_layers,
       .family = LayerFamily::vgg,
       .files = {{.name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
                  .urls = {keras_url + "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
                           keras_releases_url +
                               "v0.1/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"},
                  .bytes = 58889256,
                  .checksum = md5_is("6d6bbae143d832006294945121d1f1fc")}},
       .remark = only_md5},
      {.name = "vgg19",
       .other_names = {"VGG_ILSVRC_19_layers", "vgg19_weights_tf_dim_ordering_tf_kernels_notop"},
       .title = "VGG-19, without its classifier (Keras)",
       .licence = "CC BY 4.0 (Visual Geometry Group, Oxford)",
       .signature_layers = {"block1_conv2", "block4_conv3", "block5_conv3", "block5_conv4"},
       .transform = vgg_input,
       .default_layer = "block4_conv3",
       .good_layers = keras_vgg_layers,
       .family = LayerFamily::vgg,
       .files = {{.name = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
                  .urls = {keras_url + "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
                           keras_releases_url +
                               "v0.1/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"},
                  .bytes = 80134624,
                  .checksum = md5_is("253f8cb515780f3b799900260a226db6")}},
       .remark = only_md5},
      {.name = "resnet50",
       .other_names = {"resnet50_weights_tf_dim_ordering_tf_kernels_notop"},
       .title = "ResNet-50, without its classifier (Keras)",
       .licence = "MIT (Kaiming He)",
       .signature_layers = {"conv2_block1_1_conv", "conv5_block3_out"},
       .transform = vgg_input,
       .default_layer = "conv4_block4_out",
       .good_layers = {"conv2_block3_out", "conv3_block2_out", "conv3_block4_out",
                       "conv4_block2_out", "conv4_block4_out", "conv4_block6_out"},
       .files = {{.name = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
                  .urls = {keras_url + "resnet/"
                                       "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
                           resnet_release_url +
                               "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"},
                  .bytes = 94765736,
                  .checksum = md5_is("4d473c1dd8becc155b73f8504c6f6626")}},
       .remark = only_md5},

      // Sources: forresti/SqueezeNet; sums in the model.yml of squeezenet1.1 in
      // openvinotoolkit/open_model_zoo.
      {.name = "squeezenet",
       .other_names = {"squeezenet_v1.1"},
       .title = "SqueezeNet 1.1, small and fast (Caffe)",
       .licence = "BSD-2-Clause",
       .signature_layers = {"fire2/squeeze1x1", "fire9/concat"},
       .transform = {{2, 1, 0}, {104, 117, 123}, {1, 1, 1}},
       .default_layer = "fire7/concat",
       .good_layers = {"fire4/concat", "fire5/concat", "fire6/concat", "fire7/concat",
                       "fire8/concat", "fire9/concat"},
       .files = {{.name = "deploy.prototxt",
                  .urls = {squeezenet_url + "deploy.prototxt"},
                  .bytes = 9678,
                  .checksum = sha256_is(
                      "d041bfb2ab4b32fda4ff6c6966684132f2924e329916aa5bfe9285c6b23e3d1c")},
                 {.name = "squeezenet_v1.1.caffemodel",
                  .urls = {squeezenet_url + "squeezenet_v1.1.caffemodel",
                           "https://github.com/forresti/SqueezeNet/raw/"
                           "a47b6f13d30985279789d08053d37013d67d131b/SqueezeNet_v1.1/"
                           "squeezenet_v1.1.caffemodel"},
                  .bytes = 4950080,
                  .checksum = sha256_is(
                      "72b912ace512e8621f8ff168a7d72af55910d3c7c9445af8dfbff4c2ee960142")}}},

      // GoogLeNet's layers, so only the file's name tells it. Source: CSAILVision/places365; the
      // mean as an older dream program has it. Nobody publishes a size or a sum of the weights.
      {.name = "places365-googlenet",
       .other_names = {"googlenet_places365"},
       .title = "GoogLeNet trained on scenes: buildings, arches, landscapes (Caffe)",
       .licence = "CC BY (MIT CSAIL, Places365)",
       .signature_layers = {"conv1/7x7_s2", "inception_4c/output"},
       .transform = {{2, 1, 0}, {104.051f, 112.514f, 116.676f}, {1, 1, 1}},
       .default_layer = "inception_4c/output",
       .good_layers = googlenet_layers,
       .family = LayerFamily::googlenet,
       .files = {{.name = "deploy.prototxt",
                  .urls = {places_url + "deploy_googlenet_places365.prototxt"},
                  .bytes = 35847,
                  .checksum = sha256_is(
                      "4d116282e2e8a6ef32e32a7453505c041d58c30368eaaff3663fab5d6e5e5b4e")},
                 {.name = "googlenet_places365.caffemodel",
                  .urls = {"http://places2.csail.mit.edu/models_places365/"
                           "googlenet_places365.caffemodel"}}},
       .remark = "its publisher gives no checksum of the weights; a download is only checked for "
                 "being readable"},

      // Recognized, not fetched. Reverie's own networks say their input themselves.
      {.name = "reverie",
       .title = "a network trained for Reverie",
       .signature_layers = {"3b/output", "4c/concat", "4c/output"},
       .default_layer = "4c/output",
       .good_layers = {"3b/output", "4a/output", "4b/output", "4c/output"},
       .family = LayerFamily::googlenet},
      {.name = "vgg-caffe",
       .title = "VGG-16 or VGG-19 as their authors published them (Caffe)",
       .signature_layers = {"conv1_2", "conv4_3", "conv5_3"},
       .transform = vgg_input,
       .default_layer = "conv4_3",
       .good_layers = {"conv3_1", "conv3_3", "conv4_1", "conv4_2", "conv4_3", "conv5_1", "conv5_2",
                       "conv5_3"},
       .family = LayerFamily::vgg},
      {.name = "resnet50-2016",
       .title = "ResNet-50 with the layer names of Keras 1 and 2.0",
       .signature_layers = {"res2a_branch2a", "res5c_branch2c", "activation_40"},
       .transform = vgg_input,
       .default_layer = "activation_34",
       .good_layers = {"activation_10", "activation_16", "activation_22", "activation_28",
                       "activation_34", "activation_40"}},
      // Also the deeper ones. Their names are those of the first version, whose input is another
      {.name = "resnet50-v2",
       .title = "ResNet-50 V2, 101 V2 or 152 V2 (Keras)",
       .signature_layers = {"conv2_block1_1_conv", "conv2_block1_preact_bn", "conv5_block3_out"},
       .transform = signed_input,
       .default_layer = "conv4_block4_out",
       .good_layers = {"conv2_block3_out", "conv3_block2_out", "conv3_block4_out",
                       "conv4_block2_out", "conv4_block4_out", "conv4_block6_out"}},
      {.name = "densenet",
       .title = "DenseNet-121, 169 or 201 (Keras)",
       .signature_layers = {"conv2_block1_0_bn", "conv2_block6_concat", "conv5_block16_concat"},
       .transform = torch_input,
       .default_layer = "conv4_block12_concat",
       .good_layers = {"conv2_block6_concat", "conv3_block6_concat", "conv3_block12_concat",
                       "conv4_block12_concat", "conv4_block24_concat"}},
      // Its graph scales the picture itself
      {.name = "inception_v3-2015",
       .title = "Inception v3 as Google released it in 2015 (GraphDef)",
       .signature_layers = {"mixed_3/join", "mixed_8/join"},
       .default_layer = "mixed_5/join",
       .good_layers = {"mixed/join", "mixed_1/join", "mixed_2/join", "mixed_3/join", "mixed_4/join",
                       "mixed_5/join", "mixed_6/join", "mixed_7/join"},
       .family = LayerFamily::inception_v3},
  };
  return table;
}

}  // namespace reverie
