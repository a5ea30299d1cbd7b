// zoo.h: what is known of famous networks besides the content of their files.
//
// One table (known_networks.cpp) with one row for each network. Finding a network by name, fetching
// it, `models list` and `models info`, recognizing an opened file and choosing its input transform
// and layers all use that table. Any thread may.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

// The best checksum that is published for a file; empty: none.
struct Checksum {
  enum class Kind { none, sha256, sha1, md5 };
  Kind kind = Kind::none;
  std::string hex;  // lower case
};

// "SHA-256", "SHA-1", "MD5"; "" for none.
const char* to_string(Checksum::Kind kind);

// A file of a network as its publisher offers it.
struct ZooFile {
  std::string name = {};               // in the network's folder
  std::vector<std::string> urls = {};  // mirrors, in the order in which they are tried
  std::uintmax_t bytes = 0;            // 0: not known
  Checksum checksum = {};
  std::string member_of = {};  // the zip archive that holds it, another file of the list; no urls
};

// Networks whose layers have different names in different releases: `mixed4c` is
// `inception_4c/output`. Each name then finds the layer (graph/graph.h, Graph::aliases).
enum class LayerFamily { none, googlenet, inception_v3, vgg };

// A row of the table.
struct ZooNetwork {
  std::string name = {};                      // for `--model`, and of its folder
  std::vector<std::string> other_names = {};  // stems of its files, which also find it
  std::string title = {};                     // a description of one line
  std::string licence = {};
  // Layers that identify it: a file that has all of them holds this network.
  std::vector<std::string> signature_layers = {};
  InputTransform transform = {};
  std::string default_layer = {};             // to dream on where none is named
  std::vector<std::string> good_layers = {};  // worth dreaming on, from fine texture to objects
  LayerFamily family = LayerFamily::none;
  std::vector<ZooFile> files = {};  // the weights last; empty: it is recognized, not fetched
  std::string remark = {};          // a warning for users; may be empty
};

// The whole table: first the networks that can be fetched, then those that are only recognized.
std::span<const ZooNetwork> known_networks();

// The networks that can be fetched by name.
std::span<const ZooNetwork> zoo();

// The row of a network that can be fetched, by its name or another of its names, or null.
const ZooNetwork* find_in_zoo(std::string_view name);

// Names under which a network may lie in the weights folder, the given one first. For its main name
// all of them; for any other name that one and the main one.
std::vector<std::string> names_of(const std::string& name);

// The main name of a network whose file has this stem; of an unknown one the stem itself.
std::string main_name(const std::string& stem);

// The network whose published weights have this file name, or null.
const ZooNetwork* published_as(const std::filesystem::path& weights);

// The weights that open_network reads: the last file. REQUIRES: a network of zoo().
const ZooFile& weights_of(const ZooNetwork& network);

// How much a fetch downloads: every file but those that come out of an archive.
std::uintmax_t download_bytes(const ZooNetwork& network);

// Compares bytes with the size and checksum of the published file, as far as these are known. Empty
// when they agree, else what is wrong: "has 3 bytes, the published one 4".
std::string mismatch(const ZooFile& file, std::span<const std::byte> bytes);

}  // namespace reverie
