// source_file.h: a picture that is read once, with what identifies it.
#pragma once

#include <string>

#include "reverie/base/notice.h"
#include "reverie/frame/frame.h"
#include "reverie/run/recipe_json.h"

namespace reverie::cli {

struct SourceFile {
  Frame frame;
  DreamDocument::Picture identity;  // of the bytes and the picture in them
};

// "-" is standard input. Errors: FileFailure, BadImage.
SourceFile read_source(const std::string& path, const NoticeSink& notices);

// What identifies a film of that size, upright. Errors: FileFailure.
DreamDocument::Picture film_identity(const std::string& path, std::int64_t width,
                                     std::int64_t height);

// SHA-256 of a file's bytes, hexadecimal. Errors: FileFailure.
std::string file_checksum(const std::string& path);

}  // namespace reverie::cli
