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

std::string checksum_of(const std::string& bytes) {
  return sha256(std::as_bytes(std::span(bytes)));
}

}  // namespace

SourcePicture read_source(const std::string& path, const NoticeSink& notices) {
  const std::string shown = path == "-" ? "standard input" : path;
  const std::string bytes = read_bytes(path);
  SourcePicture source;
  source.image = decode_image(bytes, shown, notices);
  source.identity.name = path == "-" ? "-" : std::filesystem::path(path).filename().string();
  source.identity.sha256 = checksum_of(bytes);
  source.identity.width = source.image.width();
  source.identity.height = source.image.height();
  return source;
}

DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height) {
  const MappedFile file(path);  // may be larger than memory
  return {std::filesystem::path(path).filename().string(), sha256(file.bytes()), width, height};
}

std::string file_checksum(const std::string& path) { return checksum_of(read_bytes(path)); }

}  // namespace reverie
