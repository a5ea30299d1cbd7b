#include "reverie/model/fetch/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/model/fetch/download.h"
#include "reverie/model/fetch/unpack.h"
#include "reverie/model/network.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

constexpr int max_tries = 4;  // at one address, as long as each brings something

// Thrown inward only: the user asked to stop.
struct Cancelled {};

std::uintmax_t size_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  return error ? 0 : bytes;
}

// Held while one process fetches a network; given back by the system when it dies.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : descriptor_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0)
      throw FileFailure(
          fmt::format("cannot write in '{}': {}", folder.string(), std::strerror(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(descriptor_);
    throw FileFailure(
        fmt::format("another process is fetching into '{}'; wait until it ends", folder.string()));
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

class Fetch {
 public:
  Fetch(const ZooNetwork& network, const FetchOptions& options)
      : network_(network),
        options_(options),
        place_((options.weights_folder.empty() ? weights_folder() : options.weights_folder) /
               network.name),
        staging_(place_.string() + ".part") {}

  FetchEnd run() {
    if (is_there()) return FetchEnd::was_there;
    make_folder(staging_);
    try {
      const FolderLock lock(staging_);
      check_room();
      for (const ZooFile& file : network_.files) obtain(file);
      move_into_place();
    } catch (const Cancelled&) {
      return FetchEnd::cancelled;
    }
    return FetchEnd::fetched;
  }

 private:
  fs::path part(const ZooFile& file) const { return staging_ / (file.name + ".part"); }

  // An archive is not kept: what came out of it is.
  bool is_kept(const ZooFile& file) const {
    for (const ZooFile& other : network_.files)
      if (other.member_of == file.name) return false;
    return true;
  }

  // Whether every file is in its place. Errors: FileFailure for another file of that name there,
  // which may be dear to somebody.
  bool is_there() const {
    bool all = true;
    for (const ZooFile& file : network_.files) {
      if (!is_kept(file)) continue;
      const fs::path path = place_ / file.name;
      if (size_of(path) == 0) {
        all = false;
        continue;
      }
      const std::string wrong = mismatch(file, MappedFile(path).bytes());
      if (!wrong.empty())
        throw FileFailure(
            fmt::format("'{}' exists but {}; move it away and fetch again", path.string(), wrong));
    }
    return all;
  }

  void check_room() const {
    std::uintmax_t needed = 0;
    for (const ZooFile& file : network_.files) {
      const std::uintmax_t present = size_of(part(file));
      needed += file.bytes > present ? file.bytes - present : 0;
    }
    std::error_code error;
    const fs::space_info space = fs::space(staging_, error);
    if (!error && space.available < needed)
      throw FileFailure(fmt::format("'{}' needs {} more bytes in '{}', but only {} are free",
                                    network_.name, needed, staging_.string(), space.available));
  }

  // Makes part(file) whole and good.
  void obtain(const ZooFile& file) {
    if (is_good(file)) return;
    if (!file.member_of.empty()) return unpack(file);
    std::string last;
    for (const std::string& url : addresses(file)) {
      last = try_address(file, url);
      if (last.empty()) return;
      notify(options_.notices, last);
    }
    throw FileFailure(fmt::format(
        "cannot fetch '{}': {}; to use a file from elsewhere, put it at '{}' and check it with "
        "reverie models verify {}",
        network_.name, last, (place_ / weights_of(network_).name).string(), network_.name));
  }

  // Whether it lies there from an earlier call. Without a checksum only a size could tell, and
  // without that nothing does.
  bool is_good(const ZooFile& file) const {
    return file.bytes != 0 && size_of(part(file)) == file.bytes &&
           mismatch(file, MappedFile(part(file)).bytes()).empty();
  }

  std::vector<std::string> addresses(const ZooFile& file) const {
    if (options_.mirror.empty()) return file.urls;
    const bool slash = options_.mirror.ends_with('/');
    return {fmt::format("{}{}{}/{}", options_.mirror, slash ? "" : "/", network_.name, file.name)};
  }

  // Empty when the file has come and is good, else what was wrong with this address.
  std::string try_address(const ZooFile& file, const std::string& url) {
    std::string problem;
    for (int tries = 0; tries < max_tries; ++tries) {
      const std::uintmax_t before = size_of(part(file));
      try {
        load(file, url);
      } catch (const fetch::DownloadFailure& failure) {
        problem = failure.what();
        if (!failure.worth_retrying()) return problem;
        // Once more at the least, and again for as long as the file grows
        if (tries > 0 && size_of(part(file)) <= before) return problem;
        continue;
      }
      problem = check(file, url);
      // A file that was put together from two versions is wrong and its second try is not
      if (problem.empty() || before == 0) return problem;
    }
    return problem;
  }

  void load(const ZooFile& file, const std::string& url) {
    fetch::DownloadOptions options;
    options.bytes = file.bytes;
    options.checked_later = file.checksum.kind != Checksum::Kind::none;
    options.limits = {options_.connect_limit, options_.stall_limit};
    options.cancel = options_.cancel;
    if (options_.progress)
      options.progress = [&](std::uintmax_t done, std::uintmax_t total) {
        options_.progress({file.name, done, total});
      };
    if (fetch::download(url, part(file), options) == fetch::DownloadEnd::cancelled)
      throw Cancelled{};
  }

  // Deletes what is not the published file, since nothing good can be added to it.
  std::string check(const ZooFile& file, const std::string& url) const {
    const std::string wrong = mismatch(file, MappedFile(part(file)).bytes());
    if (wrong.empty()) return "";
    std::error_code ignored;
    fs::remove(part(file), ignored);
    return fmt::format("{}: the file it sends {}", url, wrong);
  }

  void unpack(const ZooFile& file) const {
    for (const ZooFile& archive : network_.files)
      if (archive.name == file.member_of)
        fetch::unpack_member(part(archive), file.name, part(file), file.bytes);
    const std::string wrong = mismatch(file, MappedFile(part(file)).bytes());
    if (!wrong.empty())
      throw BadModel(fmt::format("'{}' of '{}' {}", file.name, file.member_of, wrong));
  }

  void move_into_place() const {
    make_folder(place_);
    for (const ZooFile& file : network_.files)
      if (is_kept(file)) replace_file(part(file), place_ / file.name);
    std::error_code ignored;
    fs::remove_all(staging_, ignored);
  }

  const ZooNetwork& network_;
  const FetchOptions& options_;
  const fs::path place_, staging_;
};

}  // namespace

FetchEnd fetch_network(const ZooNetwork& network, const FetchOptions& options) {
  return Fetch(network, options).run();
}

}  // namespace reverie
