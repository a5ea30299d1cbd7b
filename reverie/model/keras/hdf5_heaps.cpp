#include "reverie/model/keras/hdf5_heaps.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reverie::keras {
namespace {

// The bytes from a superblock on, whose addresses count from there, and how wide numbers are.
struct Layout {
  std::string_view bytes;
  std::size_t address_width = 0, length_width = 0;

  // Little-endian; nothing past the end or wider than 8 bytes.
  std::optional<std::uint64_t> number(std::uint64_t at, std::size_t width) const {
    if (width == 0 || width > 8 || at > bytes.size() || bytes.size() - at < width) return {};
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;)
      value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
  }
};

// The superblock lies at the beginning, or after 512, 1024, 2048... bytes of something else.
std::optional<Layout> find_layout(std::string_view file) {
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  for (std::size_t at = 0; at + 16 < file.size(); at = at == 0 ? 512 : 2 * at) {
    if (file.substr(at, 8) != signature) continue;
    const std::string_view bytes = file.substr(at);
    const std::size_t widths = bytes[8] < 2 ? 13 : 9;
    return Layout{bytes, static_cast<std::uint8_t>(bytes[widths]),
                  static_cast<std::uint8_t>(bytes[widths + 1])};
  }
  return {};
}

bool is_endless(const Layout& file, std::size_t heap) {
  constexpr std::uint64_t end_of_list = 1;
  const std::size_t width = file.length_width;
  const auto size = file.number(heap + 8, width);
  auto block = file.number(heap + 8 + width, width);
  const auto segment = file.number(heap + 8 + 2 * width, file.address_width);
  if (!size || !segment || *segment > file.bytes.size()) return false;
  for (std::uint64_t steps = 0; block && *block != end_of_list; ++steps) {
    if (*block >= *size || *block > file.bytes.size()) return false;  // HDF5 sees that
    // Blocks that do not overlap are fewer than this
    if (steps > *size / (2 * width)) return true;
    block = file.number(*segment + *block, width);
  }
  return false;
}

}  // namespace

bool has_endless_heap(std::span<const std::byte> file) {
  const auto layout = find_layout({reinterpret_cast<const char*>(file.data()), file.size()});
  if (!layout || layout->length_width == 0) return false;
  constexpr std::string_view heap("HEAP\0\0\0\0", 8);  // version 0, three reserved bytes
  for (std::size_t at = layout->bytes.find(heap); at != std::string_view::npos;
       at = layout->bytes.find(heap, at + 1))
    if (is_endless(*layout, at)) return true;
  return false;
}

}  // namespace reverie::keras
