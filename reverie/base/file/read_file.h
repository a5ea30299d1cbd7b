// read_file.h: the whole content of a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The bytes of a file, a pipe or a device. `kind` is its name in messages: "recipe file". For files
// larger than some megabytes use MappedFile (mapped_file.h).
// Errors: FileFailure, "cannot read recipe file 'a.json': No such file or directory".
std::string read_file(const std::filesystem::path& path, std::string_view kind = "");

// The same for standard input, up to its end.
std::string read_standard_input();

}  // namespace reverie
