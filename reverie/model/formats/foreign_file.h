// foreign_file.h: files that people take for networks, and what they are.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace reverie {

// What a file is that holds no network which Reverie reads, and what to do: "is a web page, ...".
// Empty for all others. By its first bytes alone, whatever its name is.
std::string foreign_content(std::span<const std::byte> bytes);

// The same by its name alone, for formats without a mark: of files that nothing else recognizes.
std::string foreign_name(const std::filesystem::path& path);

}  // namespace reverie
