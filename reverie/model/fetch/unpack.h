// unpack.h: one file out of a zip archive.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace reverie::fetch {

// Writes the archive's member of this name to `path`; never more than `max_bytes`, however much
// the archive claims or holds. Errors: BadModel for an archive that is damaged, lacks the member or
// holds more; FileFailure when `path` cannot be written.
void unpack_member(const std::filesystem::path& archive, const std::string& member,
                   const std::filesystem::path& path, std::uintmax_t max_bytes);

}  // namespace reverie::fetch
