// still.h: pictures in files, to and from Frames. libvips does the work and stays behind this
// header.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/frame/frame.h"

namespace reverie {

// Reads JPEG, PNG, WebP, TIFF, GIF (first frame), HEIC and whatever else libvips was built with.
// Grey, palette, 16 bit, CMYK and float pictures become RGB; EXIF orientation is applied; an
// embedded colour profile is converted to sRGB, and `notices` hears of it. "-" is standard input.
// Errors: FileFailure when it cannot be opened; BadImage when it is empty, damaged, cut short or no
// picture.
Frame read_still(const std::filesystem::path& path, const NoticeSink& notices = {});

// The same from bytes in memory; `name` is for messages.
Frame decode_still(const std::string& bytes, const std::string& name,
                   const NoticeSink& notices = {});

struct StillOptions {
  std::string format;  // "png", "jpg", "webp", "tif"; empty: by the path's extension
  int bits = 8;        // 8, 16 (PNG, TIFF), 32 (float TIFF, unclipped, display units / 255)
  int quality = 95;    // 1..100, for JPEG and WebP
  std::string recipe;  // JSON kept in the file's metadata, empty for none
  bool overwrite = false;
};

// Throws what write_still would throw for reasons known before the work begins: an unknown format,
// an existing output, a folder that is missing or not writable. Errors: CodecFailure, FileFailure.
void check_still_output(const std::filesystem::path& path, const StillOptions& options);

// Rounds to nearest, clips, and writes beside `path` first, then renames: never half a file. "-" is
// standard output. JPEG has no alpha: the frame is written as it is without it, and `notices` hears
// of it. Errors: CodecFailure, FileFailure (existing output, full disk, no permission).
void write_still(const std::filesystem::path& path, const Frame& frame, const StillOptions& options,
                 const NoticeSink& notices = {});

// The recipe kept in a picture's metadata, JSON; empty when there is none. Errors: as read_still.
std::string read_still_recipe(const std::filesystem::path& path);

// Extensions (lower case, without the dot) that read_still takes when it looks through a folder.
const std::vector<std::string>& still_extensions();

}  // namespace reverie
