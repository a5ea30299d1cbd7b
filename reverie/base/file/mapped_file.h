// mapped_file.h: a file mapped into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// A file mapped read-only. Movable. The file must not shrink while it is mapped.
class MappedFile {
 public:
  // Errors: FileFailure when the file is missing, a folder, or cannot be read.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace reverie
