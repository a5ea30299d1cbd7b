// video_names.h: extensions of video files. Internal to codec/.
#pragma once

#include <filesystem>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_PRIVATE_API reverie {

// In lower case, without the dot.
std::string video_extension(const std::filesystem::path& path);

}  // namespace reverie
