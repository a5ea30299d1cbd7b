#include "reverie/model/zoo/zoo.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reverie/base/file/checksum.h"
#include "reverie/model/zoo/known.h"

namespace reverie {
namespace {

constexpr const char* keras = "https://storage.googleapis.com/tensorflow/keras-applications/";
constexpr const char* keras_releases =
    "https://github.com/fchollet/deep-learning-models/releases/download/";
constexpr const char* caffe_at =
    "https://raw.githubusercontent.com/BVLC/caffe/9b891540183ddc834a02b2bd81b31afae71b2153/";
constexpr const char* squeezenet_at =
    "https://raw.githubusercontent.com/forresti/SqueezeNet/"
    "a47b6f13d30985279789d08053d37013d67d131b/SqueezeNet_v1.1/";
constexpr const char* places_at =
    "https://raw.githubusercontent.com/CSAILVision/places365/"
    "06218620d593de09ac4f9f39b72ea0d175990a24/";

InputTransform bgr_minus(std::array<float, 3> mean) { return {{2, 1, 0}, mean, {1, 1, 1}}; }

Checksum sha256_of(const char* hex) { return {Checksum::Kind::sha256, hex}; }
Checksum md5_of(const char* hex) { return {Checksum::Kind::md5, hex}; }

// Caffe --------------------------------------------------------------------------------------

// Sources: models/bvlc_googlenet of BVLC/caffe; the SHA-256 in the model.yml of googlenet-v1 in
// openvinotoolkit/open_model_zoo, of the same size as the file whose SHA-1 Caffe's readme gives.
ZooNetwork googlenet() {
  ZooNetwork network;
  network.name = "googlenet";
  network.title = "BVLC GoogLeNet, the network of the original DeepDream notebook (Caffe)";
  network.licence = "unrestricted use";
  network.transform = caffe_input;
  network.good_layers = {"conv2/3x3", "inception_3b/5x5_reduce", "inception_4c/output",
                         "inception_4d/output", "inception_5a/output"};
  network.files = {{"deploy.prototxt",
                    {std::string(caffe_at) + "models/bvlc_googlenet/deploy.prototxt"},
                    35862,
                    sha256_of("fa36cd4112a3240a29600a5aa35333f31bec33daa1a6085b0af308a9f50f0c50"),
                    ""},
                   {"bvlc_googlenet.caffemodel",
                    {"http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel"},
                    53533754,
                    sha256_of("6f7101e3a2183738a7125a0c5021ba82a1feb4228c5ca0924d991b6daf6f6fad"),
                    ""}};
  return network;
}

// Sources: forresti/SqueezeNet; sums in the model.yml of squeezenet1.1 in
// openvinotoolkit/open_model_zoo.
ZooNetwork squeezenet() {
  ZooNetwork network;
  network.name = "squeezenet";
  network.title = "SqueezeNet 1.1, small and fast (Caffe)";
  network.licence = "BSD-2-Clause";
  network.transform = bgr_minus({104, 117, 123});
  network.good_layers = {"fire4/concat", "fire5/concat", "fire7/concat", "fire8/concat"};
  network.files = {
      {"deploy.prototxt",
       {std::string(squeezenet_at) + "deploy.prototxt"},
       9678,
       sha256_of("d041bfb2ab4b32fda4ff6c6966684132f2924e329916aa5bfe9285c6b23e3d1c"),
       ""},
      {"squeezenet_v1.1.caffemodel",
       {std::string(squeezenet_at) + "squeezenet_v1.1.caffemodel",
        "https://github.com/forresti/SqueezeNet/raw/a47b6f13d30985279789d08053d37013d67d131b/"
        "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel"},
       4950080,
       sha256_of("72b912ace512e8621f8ff168a7d72af55910d3c7c9445af8dfbff4c2ee960142"),
       ""}};
  return network;
}

// Source: CSAILVision/places365; the mean as an older dream program has it. Nobody publishes a size
// or a sum of the weights.
ZooNetwork places365() {
  ZooNetwork network;
  network.name = "places365-googlenet";
  network.title = "GoogLeNet trained on scenes: buildings, arches, landscapes (Caffe)";
  network.licence = "CC BY (MIT CSAIL, Places365)";
  network.transform = bgr_minus({104.051f, 112.514f, 116.676f});
  network.good_layers = {"inception_3b/output", "inception_4c/output", "inception_4e/output",
                         "inception_5a/output"};
  network.remark =
      "no checksum of its weights is published: what is fetched is checked only by being readable";
  network.files = {
      {"deploy.prototxt",
       {std::string(places_at) + "deploy_googlenet_places365.prototxt"},
       35847,
       sha256_of("4d116282e2e8a6ef32e32a7453505c041d58c30368eaaff3663fab5d6e5e5b4e"),
       ""},
      {"googlenet_places365.caffemodel",
       {"http://places2.csail.mit.edu/models_places365/googlenet_places365.caffemodel"},
       0,
       {},
       ""}};
  return network;
}

// TensorFlow and Keras -------------------------------------------------------------------------

// Sources: the archive's SHA-256 in the WORKSPACE of TensorFlow 1.1; sizes in tutorials that check
// them (49937555 and 53884595 bytes).
ZooNetwork inception5h() {
  ZooNetwork network;
  network.name = "inception5h";
  network.title = "Inception5h, the network of TensorFlow's DeepDream tutorial (GraphDef)";
  network.licence = "Apache-2.0";
  network.transform = {{0, 1, 2}, {117, 117, 117}, {1, 1, 1}};
  network.good_layers = {"conv2d2", "mixed3b", "mixed4c", "mixed4d", "mixed5a"};
  network.files = {
      {"inception5h.zip",
       {"https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip",
        "http://download.tensorflow.org/models/inception5h.zip"},
       49937555,
       sha256_of("d13569f6a98159de37e92e9c8ec4dae8f674fbf475f69fe6199b514f756d4364"),
       ""},
      {"tensorflow_inception_graph.pb",
       {},
       53884595,
       sha256_of("a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f"),
       "inception5h.zip"}};
  return network;
}

// One of keras.applications without its classifier. Sources: the sums in keras-applications' own
// code; sizes as its downloads print them.
ZooNetwork keras_network(std::string name, std::string title, std::string file,
                         std::vector<std::string> urls, std::uintmax_t bytes, const char* md5) {
  ZooNetwork network;
  network.name = std::move(name);
  network.title = std::move(title);
  for (std::string& url : urls) url += file;
  network.files = {{std::move(file), std::move(urls), bytes, md5_of(md5), ""}};
  network.remark = "its publisher gives an MD5 sum, which tells damage but not a forgery";
  return network;
}

ZooNetwork inception_v3() {
  ZooNetwork network =
      keras_network("inception_v3", "Inception v3, without its classifier (Keras)",
                    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
                    {std::string(keras) + "inception_v3/", std::string(keras_releases) + "v0.5/"},
                    87910968, "bcbd6486424b2319ff4ef7d526e38f63");
  network.licence = "Apache-2.0 (trained and published by Google)";
  network.transform = signed_input;
  network.good_layers = {"mixed2", "mixed3", "mixed4", "mixed5", "mixed7"};
  return network;
}

ZooNetwork vgg(int depth, std::uintmax_t bytes, const char* md5) {
  const std::string name = fmt::format("vgg{}", depth);
  ZooNetwork network = keras_network(
      name, fmt::format("VGG-{}, without its classifier (Keras)", depth),
      name + "_weights_tf_dim_ordering_tf_kernels_notop.h5",
      {std::string(keras) + name + "/", std::string(keras_releases) + "v0.1/"}, bytes, md5);
  network.licence = "CC BY 4.0 (Visual Geometry Group, Oxford)";
  network.transform = bgr_minus({103.939f, 116.779f, 123.68f});
  network.good_layers = {"block3_conv3", "block4_conv2", "block5_conv1", "block5_conv3"};
  return network;
}

ZooNetwork resnet50() {
  ZooNetwork network =
      keras_network("resnet50", "ResNet-50, without its classifier (Keras)",
                    "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
                    {std::string(keras) + "resnet/",
                     "https://github.com/keras-team/keras-applications/releases/download/resnet/"},
                    94765736, "4d473c1dd8becc155b73f8504c6f6626");
  network.licence = "MIT (Kaiming He)";
  network.transform = bgr_minus({103.939f, 116.779f, 123.68f});
  network.good_layers = {"conv3_block4_out", "conv4_block4_out", "conv4_block6_out",
                         "conv5_block2_out"};
  return network;
}

std::string sum_of(Checksum::Kind kind, std::span<const std::byte> bytes) {
  switch (kind) {
    case Checksum::Kind::sha256:
      return sha256(bytes);
    case Checksum::Kind::sha1:
      return sha1(bytes);
    case Checksum::Kind::md5:
      return md5(bytes);
    default:
      return "";
  }
}

}  // namespace

const char* to_string(Checksum::Kind kind) {
  switch (kind) {
    case Checksum::Kind::sha256:
      return "SHA-256";
    case Checksum::Kind::sha1:
      return "SHA-1";
    case Checksum::Kind::md5:
      return "MD5";
    default:
      return "";
  }
}

const std::vector<ZooNetwork>& zoo() {
  static const std::vector<ZooNetwork> networks{
      googlenet(),
      inception5h(),
      inception_v3(),
      vgg(16, 58889256, "6d6bbae143d832006294945121d1f1fc"),
      vgg(19, 80134624, "253f8cb515780f3b799900260a226db6"),
      resnet50(),
      squeezenet(),
      places365()};
  return networks;
}

const ZooNetwork* find_in_zoo(std::string_view name) {
  for (const auto& [known, other] : name_aliases())
    if (name == other) name = known;
  for (const ZooNetwork& network : zoo())
    if (network.name == name) return &network;
  return nullptr;
}

const ZooNetwork* published_as(const std::filesystem::path& weights) {
  for (const ZooNetwork& network : zoo())
    if (weights_of(network).name == weights.filename()) return &network;
  return nullptr;
}

const ZooFile& weights_of(const ZooNetwork& network) { return network.files.back(); }

std::uintmax_t download_bytes(const ZooNetwork& network) {
  std::uintmax_t bytes = 0;
  for (const ZooFile& file : network.files)
    if (file.member_of.empty()) bytes += file.bytes;
  return bytes;
}

std::string mismatch(const ZooFile& file, std::span<const std::byte> bytes) {
  if (file.bytes != 0 && bytes.size() != file.bytes)
    return fmt::format("has {} bytes, the published one {}", bytes.size(), file.bytes);
  const std::string sum = sum_of(file.checksum.kind, bytes);
  if (sum != file.checksum.hex)
    return fmt::format("has the {} {}, the published one {}", to_string(file.checksum.kind), sum,
                       file.checksum.hex);
  return "";
}

}  // namespace reverie
