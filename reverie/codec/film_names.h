// film_names.h: what a film's name says. Internal to codec/.
#pragma once

#include <filesystem>
#include <string>

namespace reverie {

// In lower case, without the dot.
std::string film_extension(const std::filesystem::path& path);

}  // namespace reverie
