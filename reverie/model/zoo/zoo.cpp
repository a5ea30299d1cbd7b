#include "reverie/model/zoo/zoo.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/file/checksum.h"

namespace reverie {
namespace {

bool has_other_name(const ZooNetwork& network, std::string_view name) {
  return std::find(network.other_names.begin(), network.other_names.end(), name) !=
         network.other_names.end();
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

std::span<const ZooNetwork> zoo() {
  const auto known = known_networks();
  const auto end = std::find_if(known.begin(), known.end(),
                                [](const ZooNetwork& network) { return network.files.empty(); });
  return {known.begin(), end};
}

const ZooNetwork* find_in_zoo(std::string_view name) {
  for (const ZooNetwork& network : zoo())
    if (network.name == name || has_other_name(network, name)) return &network;
  return nullptr;
}

std::vector<std::string> names_of(const std::string& name) {
  std::vector<std::string> names{name};
  for (const ZooNetwork& network : known_networks()) {
    if (network.name == name)
      names.insert(names.end(), network.other_names.begin(), network.other_names.end());
    else if (has_other_name(network, name))
      names.push_back(network.name);
  }
  return names;
}

std::string main_name(const std::string& stem) {
  for (const ZooNetwork& network : known_networks())
    if (has_other_name(network, stem)) return network.name;
  return stem;
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
