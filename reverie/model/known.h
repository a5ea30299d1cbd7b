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

// A network that is recognised by its layers.
struct KnownNetwork {
  std::string_view name;
  std::span<const std::string_view> marks;  // layers that it has, all of them
  std::array<float, 3> mean_bgr;
  std::string_view default_layer;
};

// The one whose marks the graph has, or null.
const KnownNetwork* recognise(const Graph& graph);

// A layer to dream on in a network that nobody knows: about two thirds up to its classifier, where
// parts of objects are. Empty when there is none.
std::string guess_default_layer(const Graph& graph);

// The mean of Caffe's ImageNet networks, BGR, as the original DeepDream program used it.
inline constexpr std::array<float, 3> caffe_mean_bgr{104, 116, 122};

// A file that its makers published.
struct Release {
  std::string_view title;
  std::uintmax_t bytes;
  std::string_view sha1, sha256;  // either may be empty
};

// All releases with that size: a file is one of them when its checksum is.
std::span<const Release> releases();

// Other names under which the files of a network go: googlenet is bvlc_googlenet.
std::span<const std::array<std::string_view, 2>> name_aliases();

}  // namespace reverie
