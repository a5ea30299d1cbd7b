// source_picture.h: reads a picture together with its identity for the document.
#pragma once

#include <optional>
#include <string>

#include "reverie/base/notice.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/job_spec.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {

struct SourcePicture {
  Image image;
  PictureMetadata metadata;         // the profile only where the colours are left as it says
  std::string path;                 // "-" for standard input
  DreamDocument::Picture identity;  // of the file's bytes and the picture
};

// The picture in the bytes of a file of that name, without path and metadata. Errors: BadImage.
SourcePicture identified_picture(const std::string& bytes, const std::string& name,
                                 const NoticeSink& notices, const ReadOptions& options = {});

// "-" is standard input. Which picture of the file, and in which colours, the recipe says. Errors:
// FileFailure, BadImage.
SourcePicture read_source(const std::string& path, const Recipe& recipe, const NoticeSink& notices);

// The size to which a photograph of many megapixels is reduced where its recipe has none: details
// have one size in pixels, and on such a photograph they are a fine texture instead of a scene.
// Nothing for others, and for faithful recipes. `longest_px`: of the reduced picture's sides.
std::optional<WantedSize> reduced_size(const Recipe& recipe, const Image& picture, int longest_px);

// Reduces a photograph to that size, says so, and returns it.
std::optional<WantedSize> reduce(SourcePicture& source, const Recipe& recipe, int longest_px,
                                 const NoticeSink& notices);

constexpr int reduced_image_px = 2048, reduced_zoom_px = 1920;

// Records where a file of a dream lies, its source or its sound, seen from the folder of the dream,
// which is written to `output`; or nothing of it. A path that leads there already, of a dream that
// is made again, stays as it is.
void note_source_path(const OutputSpec& output, const std::string& path,
                      DreamDocument::Picture& source);

// The identity of a video of that (upright) size, or of the pictures that a path names: of their
// names and bytes together. Errors: FileFailure.
DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height);

}  // namespace reverie
