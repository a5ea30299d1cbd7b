// video_names.h: what a video's name says. Internal to codec/.
#pragma once

#include <filesystem>
#include <string>

namespace reverie {

// In lower case, without the dot.
std::string video_extension(const std::filesystem::path& path);

}  // namespace reverie
