// source_picture.h: a picture that is read once, with what identifies it.
#pragma once

#include <string>

#include "reverie/base/notice.h"
#include "reverie/image/image.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {

struct SourcePicture {
  Image image;
  DreamDocument::Picture identity;  // of the bytes and the picture in them
};

// "-" is standard input. Errors: FileFailure, BadImage.
SourcePicture read_source(const std::string& path, const NoticeSink& notices);

// What identifies a video of that size, upright. Errors: FileFailure.
DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height);

// SHA-256 of a file's bytes, hexadecimal. Errors: FileFailure.
std::string file_checksum(const std::string& path);

}  // namespace reverie
