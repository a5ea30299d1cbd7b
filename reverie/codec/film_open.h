// film_open.h: a film's file, opened. Internal to codec/.
#pragma once

#include <filesystem>

#include "reverie/codec/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Errors: FileFailure when it cannot be opened; BadImage when it is no film.
InputOwner open_film(const std::filesystem::path& path);

}  // namespace reverie::ffmpeg
