#include "reverie/model/zoo/layer_families.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {
namespace {

using Pair = std::array<std::string_view, 2>;

// GoogLeNet: Caffe's release and Inception5h.
constexpr Pair inception_parts[] = {{"output", ""},
                                    {"1x1", "_1x1"},
                                    {"3x3_reduce", "_3x3_bottleneck"},
                                    {"3x3", "_3x3"},
                                    {"5x5_reduce", "_5x5_bottleneck"},
                                    {"5x5", "_5x5"},
                                    {"pool_proj", "_pool_reduce"},
                                    {"pool", "_pool"}};
constexpr std::string_view inception_modules[] = {"3a", "3b", "4a", "4b", "4c",
                                                  "4d", "4e", "5a", "5b"};
constexpr Pair googlenet_stem[] = {{"conv1/7x7_s2", "conv2d0"},
                                   {"conv1/7x7_s2/pre_relu", "conv2d0_pre_relu"},
                                   {"pool1/3x3_s2", "maxpool0"},
                                   {"pool1/norm1", "localresponsenorm0"},
                                   {"conv2/3x3_reduce", "conv2d1"},
                                   {"conv2/3x3_reduce/pre_relu", "conv2d1_pre_relu"},
                                   {"conv2/3x3", "conv2d2"},
                                   {"conv2/3x3/pre_relu", "conv2d2_pre_relu"},
                                   {"conv2/norm2", "localresponsenorm1"},
                                   {"pool2/3x3_s2", "maxpool1"},
                                   {"pool3/3x3_s2", "maxpool4"},
                                   {"pool4/3x3_s2", "maxpool10"}};

// Inception v3: Keras' mixed0 to mixed10, the release of 2015, and TF-Slim.
constexpr std::string_view slim_modules[] = {"5b", "5c", "5d", "6a", "6b", "6c",
                                             "6d", "6e", "7a", "7b", "7c"};

// Groups of names that mean one layer.
using NameGroups = std::vector<std::vector<std::string>>;

NameGroups googlenet_names() {
  NameGroups groups;
  for (const auto& [caffe, tensorflow] : googlenet_stem)
    groups.push_back({std::string(caffe), std::string(tensorflow)});
  for (const std::string_view module : inception_modules)
    for (const auto& [caffe, tensorflow] : inception_parts) {
      const std::string a = "inception_" + std::string(module) + "/" + std::string(caffe);
      const std::string b = "mixed" + std::string(module) + std::string(tensorflow);
      groups.push_back({a, b});
      groups.push_back({a + "/pre_relu", b + "_pre_relu"});
    }
  return groups;
}

NameGroups inception_v3_names() {
  NameGroups groups;
  for (std::size_t i = 0; i < std::size(slim_modules); ++i) {
    const std::string number = std::to_string(i);
    const std::string released = i == 0 ? "mixed" : "mixed_" + number;
    groups.push_back({"mixed" + number, released + "/join",
                      "InceptionV3/InceptionV3/Mixed_" + std::string(slim_modules[i]) + "/concat",
                      "InceptionV3/Mixed_" + std::string(slim_modules[i]) + "/concat"});
  }
  return groups;
}

NameGroups vgg_names() {
  NameGroups groups;
  for (int block = 1; block <= 5; ++block) {
    const std::string b = std::to_string(block);
    groups.push_back({"pool" + b, "block" + b + "_pool"});
    for (int layer = 1; layer <= 4; ++layer) {
      const std::string l = std::to_string(layer);
      groups.push_back({"conv" + b + "_" + l, "block" + b + "_conv" + l});
    }
  }
  return groups;
}

NameGroups names_in(LayerFamily family) {
  switch (family) {
    case LayerFamily::googlenet:
      return googlenet_names();
    case LayerFamily::inception_v3:
      return inception_v3_names();
    case LayerFamily::vgg:
      return vgg_names();
    default:
      return {};
  }
}

}  // namespace

LayerFamily family_of(const Graph& graph) {
  // VGG's names are so plain that other networks use them for other things
  if (graph.find("conv1_2") >= 0 || graph.find("block1_conv2") >= 0) return LayerFamily::vgg;
  for (const LayerFamily family : {LayerFamily::googlenet, LayerFamily::inception_v3})
    for (const std::vector<std::string>& names : names_in(family))
      for (const std::string& name : names)
        if (graph.find(name) >= 0) return family;
  return LayerFamily::none;
}

void add_family_aliases(Graph& graph, LayerFamily family) {
  // Aliases first go to a list, so that none is found through another
  std::vector<std::pair<std::string, int>> added;
  for (const std::vector<std::string>& names : names_in(family)) {
    int layer = -1;
    for (const std::string& name : names)
      if (layer < 0) layer = graph.find(name);
    for (const std::string& name : names)
      if (layer >= 0 && graph.find(name) < 0) added.emplace_back(name, layer);
  }
  for (const auto& [name, layer] : added) graph.aliases.emplace(name, layer);
}

}  // namespace reverie
