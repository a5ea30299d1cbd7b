#include "reverie/job/source_picture.h"

#include <fmt/format.h>

#include <filesystem>
#include <span>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"

namespace reverie {
namespace {

std::string read_bytes(const std::string& path) {
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_directory(path, ignored))
    throw FileFailure(fmt::format("'{}' is a folder, expected a picture", path));
  return path == "-" ? read_standard_input() : read_file(path);
}

}  // namespace

SourcePicture identified_picture(const std::string& bytes, const std::string& name,
                                 const NoticeSink& notices) {
  SourcePicture source;
  source.image = decode_image(bytes, name == "-" ? "standard input" : name, notices);
  source.identity = {std::filesystem::path(name).filename().string(),
                     sha256(std::as_bytes(std::span(bytes))), source.image.width(),
                     source.image.height()};
  return source;
}

SourcePicture read_source(const std::string& path, const NoticeSink& notices) {
  return identified_picture(read_bytes(path), path, notices);
}

DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height) {
  const MappedFile file(path);  // may be larger than memory
  return {std::filesystem::path(path).filename().string(), sha256(file.bytes()), width, height};
}

}  // namespace reverie
