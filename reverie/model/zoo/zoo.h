// zoo.h: the famous networks: where their files are published and how to tell that they are whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/graph/graph.h"

namespace reverie {

// The best sum that somebody has published for a file; empty: nobody has.
struct Checksum {
  enum class Kind { none, sha256, sha1, md5 };
  Kind kind = Kind::none;
  std::string hex;  // lower case
};

// "SHA-256", "SHA-1", "MD5"; "" for none.
const char* to_string(Checksum::Kind kind);

struct ZooFile {
  std::string name;               // in the network's folder
  std::vector<std::string> urls;  // mirrors, in the order in which they are tried
  std::uintmax_t bytes = 0;       // 0: not known
  Checksum checksum;
  std::string member_of;  // the zip archive that holds it, another file of the list; then no urls
};

struct ZooNetwork {
  std::string name;   // as `--model` takes it, and of its folder among the weights
  std::string title;  // what it is, in a line
  std::string licence;
  InputTransform transform;
  std::vector<std::string> good_layers;  // worth dreaming on, from fine texture to whole things
  std::vector<ZooFile> files;            // the weights last
  std::string remark;                    // what a user should know before trusting it; may be empty
};

// All that can be fetched by name.
const std::vector<ZooNetwork>& zoo();

// By its name or another under which its files go, or null.
const ZooNetwork* find_in_zoo(std::string_view name);

// The one whose published weights have this file name, or null. Files keep their names, so this
// tells whose input transform a file wants.
const ZooNetwork* published_as(const std::filesystem::path& weights);

// The weights that open_network reads: the last file.
const ZooFile& weights_of(const ZooNetwork& network);

// What crosses the wire: every file but those that come out of an archive.
std::uintmax_t download_bytes(const ZooNetwork& network);

// Empty when these bytes can be the published file: of its size and its checksum, as far as they
// are known. Else what is wrong: "has 3 bytes, the published one 4".
std::string mismatch(const ZooFile& file, std::span<const std::byte> bytes);

}  // namespace reverie
