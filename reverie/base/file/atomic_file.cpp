#include "reverie/base/file/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "reverie/base/descriptor.h"
#include "reverie/base/error.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw FileFailure(fmt::format("{}: {}", path.string(), why));
}

[[noreturn]] void fail_writing(const fs::path& path, int error) {
  fail(path, fmt::format("cannot be written ({})", std::strerror(error)));
}

[[noreturn]] void fail_existing(const fs::path& path) {
  fail(path, "exists already; choose another name, or replace it with --overwrite");
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The errno of the first write that failed, or 0.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Returns an errno or 0.
int flush_to_disk(int file) {
  // Some file systems say only now that the disk is full; some cannot sync at all
  return ::fsync(file) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : errno;
}

// What a symbolic link points to, if there is one.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::is_symlink(path, error) ? fs::canonical(path, error) : path;
  return error ? path : target;
}

void write_through(int file, const fs::path& name, std::string_view bytes) {
  if (const int error = write_all(file, bytes)) fail_writing(name, error);
}

// Gives the finished file its name, and never one that is taken. Returns an errno or 0.
int name_new_file(const fs::path& temporary, const fs::path& path) {
#ifdef RENAME_NOREPLACE
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno == EEXIST) return EEXIST;
#endif
  // Some file systems know neither that nor hard links
  if (::link(temporary.c_str(), path.c_str()) == 0)
    return ::unlink(temporary.c_str()) == 0 ? 0 : errno;
  if (errno == EEXIST) return EEXIST;
  struct stat there;
  if (::lstat(path.c_str(), &there) == 0) return EEXIST;
  return ::rename(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
}

bool exists_as_neither_file_nor_folder(const fs::path& path) {
  struct stat there;
  return ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(resolved(path)) {
  static std::atomic<unsigned> count{0};
  const fs::path folder = folder_of(path_);
  // Short, for the name may be as long as the file system allows
  for (int attempt = 0; file_ < 0 && attempt < 100; ++attempt) {
    temporary_path_ = folder / fmt::format(".reverie-{}-{}.part", ::getpid(), count++);
    file_ = ::open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && errno != EEXIST) break;
  }
  if (file_ < 0) fail_writing(path, errno);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!committed_) ::unlink(temporary_path_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(file_, bytes)) fail_writing(path_, error);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::commit(bool overwrite) {
  if (const int error = flush_to_disk(file_)) fail_writing(path_, error);
  if (::close(std::exchange(file_, -1)) != 0) fail_writing(path_, errno);
  const int error = overwrite ? (::rename(temporary_path_.c_str(), path_.c_str()) == 0 ? 0 : errno)
                              : name_new_file(temporary_path_, path_);
  if (error == EEXIST) fail_existing(path_);
  if (error != 0) fail_writing(path_, error);
  committed_ = true;
}

void replace_file(const fs::path& finished, const fs::path& path) {
  const Descriptor file(::open(finished.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_writing(path, errno);
  if (const int error = flush_to_disk(file.get())) fail_writing(path, error);
  if (::rename(finished.c_str(), path.c_str()) != 0) fail_writing(path, errno);
}

void remove_abandoned_files(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int owner = 0, count = 0, length = 0;
    if (std::sscanf(name.c_str(), ".reverie-%d-%d.part%n", &owner, &count, &length) != 2 ||
        static_cast<std::size_t>(length) != name.size() || owner <= 0)
      continue;
    if (::kill(owner, 0) != 0 && errno == ESRCH) ::unlink(it->path().c_str());
  }
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw FileFailure(
        fmt::format("cannot make the folder '{}': {}", folder.string(), error.message()));
}

void check_output_file(const fs::path& path, bool overwrite) {
  if (path == "-") return;
  struct stat there;
  if (::stat(path.c_str(), &there) == 0) {
    if (S_ISDIR(there.st_mode)) fail(path, "is a folder, expected the name of a file to write");
    if (!S_ISREG(there.st_mode)) return;
    if (!overwrite) fail_existing(path);
  } else if (errno == ENAMETOOLONG) {
    fail(path, fmt::format("cannot be written ({}); choose a shorter name", std::strerror(errno)));
  }
  const fs::path folder = folder_of(path);
  if (::stat(folder.c_str(), &there) != 0)
    fail(path, fmt::format("cannot be written, the folder {} does not exist", folder.string()));
  if (!S_ISDIR(there.st_mode))
    fail(path, fmt::format("cannot be written, {} is not a folder", folder.string()));
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    fail(path, fmt::format("cannot be written, no permission to write in the folder {} ({})",
                           folder.string(), std::strerror(errno)));
}

void write_atomically(const fs::path& path, std::string_view bytes, bool overwrite) {
  if (path == "-") return write_through(STDOUT_FILENO, "standard output", bytes);
  check_output_file(path, overwrite);
  if (exists_as_neither_file_nor_folder(path)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) fail_writing(path, errno);
    const int error = write_all(file, bytes);
    ::close(file);
    if (error != 0) fail_writing(path, error);
    return;
  }

  AtomicFile file(path);
  file.write(bytes);
  file.commit(overwrite);
}

}  // namespace reverie
