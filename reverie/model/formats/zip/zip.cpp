// Source: APPNOTE.TXT, the .ZIP file format specification.
#include "reverie/model/formats/zip/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t end_mark = 0x06054b50, end64_mark = 0x06064b50, locator_mark = 0x07064b50,
                        entry_mark = 0x02014b50, local_mark = 0x04034b50;
constexpr std::size_t end_bytes = 22, locator_bytes = 20, entry_bytes = 46, local_bytes = 30;
constexpr std::uint32_t in_zip64 = 0xffffffff;  // of a number that does not fit into 32 bits

// Deflate gives no more than this many times the bytes that are stored.
constexpr std::uint64_t max_expansion = 1032;

// A little-endian number of `count` bytes. REQUIRES: they are there.
std::uint64_t number(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
  return value;
}

// Where the record at the archive's end begins: before a comment of up to 65535 bytes.
std::size_t find_end(Bytes bytes) {
  if (bytes.size() < end_bytes) return bytes.size();
  const std::size_t last = bytes.size() - end_bytes;
  for (std::size_t comment = 0; comment <= std::min<std::size_t>(last, 0xffff); ++comment)
    if (number(bytes, last - comment, 4) == end_mark &&
        number(bytes, last - comment + 20, 2) == comment)
      return last - comment;
  return bytes.size();
}

// Sizes and places of 64 bits lie in an extra field of a directory entry, those that are needed in
// this order. False when one is missing.
bool read_zip64(Bytes extra, ZipArchive::Member& member) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::uint64_t id = number(extra, at, 2), length = number(extra, at + 2, 2);
    at += 4;
    if (length > extra.size() - at) return false;
    if (id == 1) {
      std::size_t used = 0;
      for (std::uint64_t* value : {&member.bytes, &member.packed_bytes, &member.header}) {
        if (*value != in_zip64) continue;
        if (used + 8 > length) return false;
        *value = number(extra, at + used, 8);
        used += 8;
      }
      return true;
    }
    at += length;
  }
  return false;
}

}  // namespace

ZipArchive::ZipArchive(Bytes bytes, std::string file_name)
    : bytes_(bytes), file_name_(std::move(file_name)) {
  read_directory();
}

void ZipArchive::fail(const std::string& what) const {
  throw BadModel(
      fmt::format("'{}' is a zip archive that is damaged or cut off: {}", file_name_, what));
}

Bytes ZipArchive::part(std::uint64_t at, std::uint64_t count) const {
  if (at > bytes_.size() || count > bytes_.size() - at)
    fail(fmt::format("it has {} bytes, and {} should be at {}", bytes_.size(), count, at));
  return bytes_.subspan(at, count);
}

void ZipArchive::read_directory() {
  const std::size_t end = find_end(bytes_);
  if (end == bytes_.size()) fail("the list of its members is missing at its end");
  const Bytes tail = part(end, end_bytes);
  std::uint64_t count = number(tail, 10, 2), at = number(tail, 16, 4);
  std::uint64_t disks = number(tail, 4, 2);
  if (end >= locator_bytes && number(bytes_, end - locator_bytes, 4) == locator_mark) {
    const std::uint64_t place = number(bytes_, end - locator_bytes + 8, 8);
    const Bytes end64 = part(place, 56);
    if (number(end64, 0, 4) != end64_mark) fail("its Zip64 record is missing");
    count = number(end64, 32, 8);
    at = number(end64, 48, 8);
    disks = number(end64, 16, 4);
  }
  if (disks != 0) throw Unsupported(fmt::format("'{}' is one part of a zip archive", file_name_));
  if (count > bytes_.size() / entry_bytes) fail(fmt::format("it states {} members", count));

  members_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Bytes entry = part(at, entry_bytes);
    if (number(entry, 0, 4) != entry_mark)
      fail(fmt::format("member {} of {} is not listed at byte {}", i + 1, count, at));
    Member member;
    const std::uint64_t name_bytes = number(entry, 28, 2), extra_bytes = number(entry, 30, 2);
    const Bytes name = part(at + entry_bytes, name_bytes);
    member.name = one_line({reinterpret_cast<const char*>(name.data()), name.size()});
    const std::uint64_t flags = number(entry, 8, 2), method = number(entry, 10, 2);
    if ((flags & 1) != 0)
      throw Unsupported(fmt::format("'{}': member '{}' is encrypted", file_name_, member.name));
    if (method != 0 && method != 8)
      throw Unsupported(
          fmt::format("'{}': member '{}' is packed by method {}; Reverie reads stored and deflated "
                      "ones",
                      file_name_, member.name, method));
    member.deflated = method == 8;
    member.checksum = static_cast<std::uint32_t>(number(entry, 16, 4));
    member.packed_bytes = number(entry, 20, 4);
    member.bytes = number(entry, 24, 4);
    member.header = number(entry, 42, 4);
    const bool is_large = std::max({member.bytes, member.packed_bytes, member.header}) == in_zip64;
    if (is_large && !read_zip64(part(at + entry_bytes + name_bytes, extra_bytes), member))
      fail(fmt::format("member '{}' has no sizes", member.name));
    members_.push_back(std::move(member));
    at += entry_bytes + name_bytes + extra_bytes + number(entry, 32, 2);
  }
}

const ZipArchive::Member* ZipArchive::find(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.name == name; });
  return found == members_.end() ? nullptr : &*found;
}

ZipArchive::Content ZipArchive::read(const Member& member) const {
  // The local header may have a longer or shorter extra field than the directory's entry
  const Bytes local = part(member.header, local_bytes);
  if (number(local, 0, 4) != local_mark)
    fail(fmt::format("member '{}' does not begin at byte {}", member.name, member.header));
  const Bytes packed =
      part(member.header + local_bytes + number(local, 26, 2) + number(local, 28, 2),
           member.packed_bytes);
  if (!member.deflated) {
    if (member.bytes != member.packed_bytes)
      fail(fmt::format("member '{}' is stored with {} of {} bytes", member.name,
                       member.packed_bytes, member.bytes));
    return Content(packed);
  }
  constexpr std::uint64_t most = std::numeric_limits<uInt>::max();
  if (member.bytes / max_expansion > member.packed_bytes || member.bytes > most ||
      member.packed_bytes > most)
    fail(fmt::format("member '{}' cannot have {} bytes", member.name, member.bytes));

  std::vector<std::byte> unpacked(member.bytes);
  z_stream stream{};
  stream.next_in =
      const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));  // zlib does not write it
  stream.avail_in = static_cast<uInt>(packed.size());
  std::byte none{};
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.empty() ? &none : unpacked.data());
  stream.avail_out = static_cast<uInt>(unpacked.size());
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    throw OutOfMemory("out of memory for unpacking an archive");
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  const auto sum = static_cast<std::uint32_t>(crc32(
      0, reinterpret_cast<const Bytef*>(unpacked.data()), static_cast<uInt>(unpacked.size())));
  if (result != Z_STREAM_END || stream.avail_out != 0 ||
      (sum != member.checksum && !unpacked.empty()))
    fail(fmt::format("member '{}' cannot be unpacked", member.name));
  return Content(std::move(unpacked));
}

}  // namespace reverie
