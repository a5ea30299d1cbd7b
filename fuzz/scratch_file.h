// scratch_file.h: inputs for readers that open files by their names.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace reverie::fuzz {

// One file for the whole process, in memory where /dev/shm is; removed at its end.
inline const std::string& scratch_file() {
  static const std::string path = [] {
    const bool shared = std::filesystem::is_directory("/dev/shm");
    return std::string(shared ? "/dev/shm" : "/tmp") + "/reverie_fuzz_" +
           std::to_string(::getpid()) + ".h5";
  }();
  static const int registered = std::atexit([] { ::unlink(scratch_file().c_str()); });
  (void)registered;
  return path;
}

// Writes it anew. False when it cannot be opened.
inline bool write_scratch_file(const void* data, std::size_t size) {
  std::FILE* file = std::fopen(scratch_file().c_str(), "wb");
  if (file == nullptr) return false;
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  return true;
}

}  // namespace reverie::fuzz
