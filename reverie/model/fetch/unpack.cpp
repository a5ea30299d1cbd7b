#include "reverie/model/fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>

#include "reverie/base/error.h"

namespace reverie::fetch {
namespace {

namespace fs = std::filesystem;

struct CloseArchive {
  void operator()(struct archive* archive) const { archive_read_free(archive); }
};
struct CloseMember {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Zip {
 public:
  explicit Zip(const fs::path& path) : path_(path), archive_(archive_read_new()) {
    if (!archive_) throw OutOfMemory("out of memory for reading an archive");
    archive_read_support_format_zip(archive_.get());
    if (archive_read_open_filename(archive_.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) fail();
  }

  // Goes to the member. Errors: BadModel.
  void find(const std::string& member) {
    archive_entry* entry = nullptr;
    for (;;) {
      const int result = archive_read_next_header(archive_.get(), &entry);
      if (result == ARCHIVE_EOF)
        throw BadModel(fmt::format("'{}' holds no '{}'", path_.string(), member));
      if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
      const char* name = archive_entry_pathname(entry);
      if (name != nullptr && member == name) return;
    }
  }

  // The next bytes of the member; 0 at its end. Errors: BadModel.
  std::size_t read(std::span<char> to) {
    const la_ssize_t size = archive_read_data(archive_.get(), to.data(), to.size());
    if (size < 0) fail();
    return static_cast<std::size_t>(size);
  }

 private:
  [[noreturn]] void fail() const {
    const char* why = archive_error_string(archive_.get());
    throw BadModel(fmt::format("'{}' is not a whole zip archive: {}", path_.string(),
                               why != nullptr ? why : "libarchive gives no reason"));
  }

  const fs::path& path_;
  std::unique_ptr<struct archive, CloseArchive> archive_;
};

}  // namespace

void unpack_member(const fs::path& archive, const std::string& member, const fs::path& path,
                   std::uintmax_t max_bytes) {
  Zip zip(archive);
  zip.find(member);
  const std::unique_ptr<std::FILE, CloseMember> file(std::fopen(path.c_str(), "wb"));
  const auto fail = [&path] {
    throw FileFailure(fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)));
  };
  if (!file) fail();
  std::array<char, 1 << 16> buffer;
  std::uintmax_t written = 0;
  while (const std::size_t size = zip.read(buffer)) {
    written += size;
    if (written > max_bytes)
      throw BadModel(fmt::format("'{}': its '{}' has more than the published {} bytes",
                                 archive.string(), member, max_bytes));
    if (std::fwrite(buffer.data(), 1, size, file.get()) != size) fail();
  }
  if (std::fflush(file.get()) != 0) fail();
}

}  // namespace reverie::fetch
