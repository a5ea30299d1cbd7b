// atomic_file.h: files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Makes a folder and its parents; a folder that exists is left as it is. Errors: FileFailure.
void make_folder(const std::filesystem::path& folder);

// Throws the errors of write_atomically that are known before the work begins: an existing file
// without `overwrite`, a folder of that name, a parent folder that is missing or not writable.
// Errors: FileFailure.
void check_output_file(const std::filesystem::path& path, bool overwrite);

// Writes beside `path` under another name, then renames. Without `overwrite` a file that exists is
// left alone even if it appeared a moment ago. "-" is standard output; pipes and devices are
// written to directly. Leaves nothing behind when it fails.
// Errors: FileFailure (existing file, full disk, no permission).
void write_atomically(const std::filesystem::path& path, std::string_view bytes, bool overwrite);

// Renames a finished file, replacing what is there. Its content is flushed to disk first, so a
// power cut never leaves half a file under that name. Both must be on one file system.
// Errors: FileFailure; then both files are as they were.
void replace_file(const std::filesystem::path& finished, const std::filesystem::path& path);

// Removes the temporary files in a folder whose programs were killed; those of running programs
// stay. Does nothing without permission.
void remove_abandoned_files(const std::filesystem::path& folder);

// A file that is written under a temporary name in the same folder, and renamed by commit().
// Without commit() it is removed. If the path is a symbolic link, its target is replaced, not the
// link. One thread at a time.
class AtomicFile {
 public:
  // Makes the temporary file, empty. Errors: FileFailure.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // For third-party libraries that open files themselves, by name.
  const std::filesystem::path& temporary_path() const { return temporary_path_; }

  // Appends all of the bytes. Errors: FileFailure.
  void write(std::string_view bytes);
  void write(std::span<const std::byte> bytes);

  // Flushes the content to disk, then renames; the last call. Errors: FileFailure, also when the
  // name is taken and not to be overwritten.
  void commit(bool overwrite);

 private:
  std::filesystem::path path_, temporary_path_;
  int file_ = -1;
  bool committed_ = false;
};

}  // namespace reverie
