// known.h: what is known about famous networks that their files do not say.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reverie/graph/graph.h"

namespace reverie {

// A network that is recognized by its layers.
struct KnownNetwork {
  std::string_view name;
  std::span<const std::string_view> signature_layers;  // layers that it has, all of them
  InputTransform transform;
  std::string_view default_layer;
  std::span<const std::string_view> good_layers;  // to dream on, from fine to coarse
};

// The one whose marks the graph has, or null.
const KnownNetwork* recognize(const Graph& graph);

// A layer to dream on in a network that nobody knows: about two thirds up to its classifier, where
// parts of objects are. Empty when there is none.
std::string guess_default_layer(const Graph& graph);

// Ways in which networks want their pictures. Caffe's ImageNet networks: blue, green, red minus
// the mean that the original DeepDream program used.
inline constexpr InputTransform caffe_input{{2, 1, 0}, {104, 116, 122}, {1, 1, 1}};

// TensorFlow's later classifiers: red, green, blue in -1..1.
inline constexpr InputTransform signed_input{
    {0, 1, 2}, {127.5f, 127.5f, 127.5f}, {1 / 127.5f, 1 / 127.5f, 1 / 127.5f}};

// Adds the names that users of a family's other members know its layers by: `mixed4c` for
// `inception_4c/output` and the other way round. Names that the graph has stay what they are.
void add_family_aliases(Graph& graph);

// Other names under which the files of a network go: googlenet is bvlc_googlenet.
std::span<const std::array<std::string_view, 2>> name_aliases();

}  // namespace reverie
