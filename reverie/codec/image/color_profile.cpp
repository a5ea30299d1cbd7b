#include "reverie/codec/image/color_profile.h"

#include <algorithm>
#include <cstdint>

namespace reverie {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
  return value;
}

// The printable ASCII of a text; a name is for a message, so the rest becomes '?'.
std::string printable(std::string_view text, std::size_t stride, std::size_t offset) {
  std::string name;
  for (std::size_t i = offset; i < text.size() && name.size() < 80; i += stride) {
    const bool ascii = stride == 1 || text[i - 1] == 0;
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (ascii && c == 0) break;
    name += ascii && c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
  }
  return name;
}

// A tag's contents: `desc` holds ASCII with its length, `mluc` UTF-16 in several languages.
std::string description_in(std::string_view tag) {
  if (tag.substr(0, 4) == "desc" && tag.size() > 12)
    return printable(tag.substr(12, big_endian(tag, 8)), 1, 0);
  if (tag.substr(0, 4) == "mluc" && tag.size() >= 28) {
    const std::size_t length = big_endian(tag, 20), offset = big_endian(tag, 24);
    if (offset < tag.size()) return printable(tag.substr(offset, length), 2, 1);
  }
  return {};
}

}  // namespace

ProfileInfo describe_profile(std::string_view icc) {
  ProfileInfo info;
  if (icc.size() < 132 || icc.substr(36, 4) != "acsp") return info;
  info.space = std::string(icc.substr(16, 4));
  while (!info.space.empty() && info.space.back() == ' ') info.space.pop_back();

  const std::size_t tags = std::min<std::size_t>(big_endian(icc, 128), 100);
  for (std::size_t tag = 0; tag < tags; ++tag) {
    const std::size_t entry = 132 + tag * 12;
    if (entry + 12 > icc.size() || icc.substr(entry, 4) != "desc") continue;
    const std::size_t offset = big_endian(icc, entry + 4), length = big_endian(icc, entry + 8);
    if (offset < icc.size()) info.description = description_in(icc.substr(offset, length));
  }
  if (info.description.empty()) info.description = "unnamed";
  return info;
}

}  // namespace reverie
