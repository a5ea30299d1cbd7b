// source_picture.h: reads a picture together with its identity for the document.
#pragma once

#include <string>

#include "reverie/base/notice.h"
#include "reverie/image/image.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {

struct SourcePicture {
  Image image;
  DreamDocument::Picture identity;  // of the file's bytes and the picture
};

// The picture in the bytes of a file of that name. Errors: BadImage.
SourcePicture identified_picture(const std::string& bytes, const std::string& name,
                                 const NoticeSink& notices);

// "-" is standard input. Errors: FileFailure, BadImage.
SourcePicture read_source(const std::string& path, const NoticeSink& notices);

// The identity of a video of that (upright) size. Errors: FileFailure.
DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height);

}  // namespace reverie
