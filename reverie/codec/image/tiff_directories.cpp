#include "reverie/codec/image/tiff_directories.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace reverie {
namespace {

constexpr std::size_t most = 1000;  // pictures in a file; a loop of pages ends, too

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {
    if (bytes.size() < 8) return;
    is_big_endian_ = bytes[0] == std::byte{'M'};
    const auto mark = number(0, 2), version = number(2, 2);
    is_tiff_ = (*mark == 0x4949 || *mark == 0x4D4D) && *version == 42;
  }

  bool is_tiff() const { return is_tiff_; }

  // The unsigned number of `size` bytes at an offset; nothing past the end.
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<std::uint32_t>(bytes_[at + i]);
      value |= byte << 8 * (is_big_endian_ ? size - 1 - i : i);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool is_big_endian_ = false, is_tiff_ = false;
};

struct Directory {
  std::uint32_t photometric = 0, next = 0;
  std::vector<std::uint32_t> below;  // offsets
};

std::optional<Directory> read_directory(const Reader& reader, std::size_t at) {
  constexpr std::uint32_t photometric = 262, sub_ifds = 330, short_type = 3;
  Directory directory;
  const auto count = reader.number(at, 2);
  if (!count) return std::nullopt;
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t entry = at + 2 + 12 * i;
    const auto tag = reader.number(entry, 2), type = reader.number(entry + 2, 2),
               values = reader.number(entry + 4, 4), value = reader.number(entry + 8, 4);
    if (!value) return std::nullopt;
    if (tag == photometric)
      directory.photometric = *reader.number(entry + 8, type == short_type ? 2 : 4);
    if (tag != sub_ifds) continue;
    const std::size_t list = *values == 1 ? entry + 8 : *value;
    for (std::size_t k = 0; k < std::min<std::size_t>(*values, most); ++k)
      if (const auto offset = reader.number(list + 4 * k, 4)) directory.below.push_back(*offset);
  }
  directory.next = reader.number(at + 2 + 12 * *count, 4).value_or(0);
  return directory;
}

bool is_of_a_sensor(const Directory& directory) {
  constexpr std::uint32_t color_filter_array = 32803, linear_raw = 34892;
  return directory.photometric == color_filter_array || directory.photometric == linear_raw;
}

}  // namespace

TiffDirectories tiff_directories(std::span<const std::byte> bytes) {
  TiffDirectories found;
  const Reader reader(bytes);
  if (!reader.is_tiff()) return found;
  std::uint32_t at = *reader.number(4, 4);
  while (at != 0 && found.pages.size() < most) {
    const auto directory = read_directory(reader, at);
    if (!directory) break;
    if (found.pages.empty())
      for (const std::uint32_t below : directory->below) {
        const auto picture = read_directory(reader, below);
        found.below.push_back(picture && is_of_a_sensor(*picture));
      }
    found.pages.push_back(is_of_a_sensor(*directory));
    at = directory->next;
  }
  return found;
}

}  // namespace reverie
