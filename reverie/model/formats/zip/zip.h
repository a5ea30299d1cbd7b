// zip.h: the members of a zip archive in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// A zip archive whose members are stored or deflated, with or without Zip64. The bytes must outlive
// it. Any thread; several at once.
class ZipArchive {
 public:
  struct Member {
    std::string name;
    std::uint64_t packed_bytes = 0, bytes = 0;
    std::uint64_t header = 0;  // where its local header begins
    std::uint32_t checksum = 0;
    bool deflated = false;
  };
  // A member's bytes: a view into the archive, or unpacked.
  class Content {
   public:
    explicit Content(std::span<const std::byte> view) : view_(view) {}
    explicit Content(std::vector<std::byte> unpacked)
        : unpacked_(std::move(unpacked)), view_(unpacked_) {}
    Content(Content&&) = default;  // a moved vector keeps its elements where they are
    std::span<const std::byte> bytes() const { return view_; }

   private:
    std::vector<std::byte> unpacked_;
    std::span<const std::byte> view_;
  };

  // Reads the list of members. file_name: for messages.
  // Errors: BadModel for an archive that is damaged or cut off; Unsupported for one in several
  // files, and for members that are encrypted or packed in another way.
  ZipArchive(std::span<const std::byte> bytes, std::string file_name);

  const std::string& file_name() const { return file_name_; }
  const std::vector<Member>& members() const { return members_; }

  // The member of this name, or null.
  const Member* find(std::string_view name) const;

  // Takes memory for deflated members only, and no more than these can unpack to. Deflated ones are
  // checked against their sums. Errors: BadModel.
  Content read(const Member& member) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  std::span<const std::byte> part(std::uint64_t at, std::uint64_t count) const;
  void read_directory();

  std::span<const std::byte> bytes_;
  std::string file_name_;
  std::vector<Member> members_;
};

}  // namespace reverie
