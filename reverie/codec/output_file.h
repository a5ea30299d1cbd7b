// output_file.h: a file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace reverie {

// Throws what write_whole_file would throw for reasons known before the work begins: an existing
// file without `overwrite`, a folder in its place, a folder that is missing or not writable.
// Errors: FileFailure.
void check_output_file(const std::filesystem::path& path, bool overwrite);

// Writes beside `path` under another name, then renames. Without `overwrite` a file that exists is
// left alone even if it appeared a moment ago. "-" is standard output; what is neither file nor
// folder (a pipe, a device) is written to as it is. Leaves nothing behind when it fails.
// Errors: FileFailure (existing file, full disk, no permission).
void write_whole_file(const std::filesystem::path& path, std::string_view bytes, bool overwrite);

}  // namespace reverie
