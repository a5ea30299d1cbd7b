// output_file.h: a file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

namespace reverie {

// Throws what write_atomically would throw for reasons known before the work begins: an existing
// file without `overwrite`, a folder in its place, a folder that is missing or not writable.
// Errors: FileFailure.
void check_output_file(const std::filesystem::path& path, bool overwrite);

// Writes beside `path` under another name, then renames. Without `overwrite` a file that exists is
// left alone even if it appeared a moment ago. "-" is standard output; what is neither file nor
// folder (a pipe, a device) is written to as it is. Leaves nothing behind when it fails.
// Errors: FileFailure (existing file, full disk, no permission).
void write_atomically(const std::filesystem::path& path, std::string_view bytes, bool overwrite);

// Removes the partial files that programs which were killed have left in a folder; those of running
// ones stay. Does nothing where it may not.
void remove_abandoned_files(const std::filesystem::path& folder);

// A file under another name beside the one that it will have; removed unless it gets it.
class TemporaryFile {
 public:
  // Makes it, empty. Errors: FileFailure.
  explicit TemporaryFile(const std::filesystem::path& path);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  // Its name until it takes the other, for libraries that write files themselves.
  const std::filesystem::path& partial() const { return partial_; }

  // Writes all of its bytes and closes it; close() alone where they were written by name. On disk
  // when it returns. Errors: FileFailure.
  void write(std::string_view bytes);
  void close();

  // Errors: FileFailure when the name is taken and not to be overwritten.
  void take_name(bool overwrite);

 private:
  std::filesystem::path path_, partial_;
  int file_ = -1;
  bool named_ = false;
};

}  // namespace reverie
