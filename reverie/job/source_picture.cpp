#include "reverie/job/source_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/dream/dreamer.h"

namespace reverie {

namespace fs = std::filesystem;

namespace {

std::string read_bytes(const std::string& path) {
  std::error_code ignored;
  if (path != "-" && fs::is_directory(path, ignored))
    throw FileFailure(fmt::format("'{}' is a folder, expected a picture", path));
  return path == "-" ? read_standard_input() : read_file(path);
}

}  // namespace

SourcePicture identified_picture(const std::string& bytes, const std::string& name,
                                 const NoticeSink& notices, const ReadOptions& options) {
  SourcePicture source;
  const std::string shown = name == "-" ? "standard input" : name;
  source.image = decode_image(bytes, shown, notices, options);
  source.identity = {fs::path(name).filename().string(), sha256(std::as_bytes(std::span(bytes))),
                     source.image.width(), source.image.height(), bytes.size()};
  return source;
}

SourcePicture read_source(const std::string& path, const Recipe& recipe,
                          const NoticeSink& notices) {
  ReadOptions options;
  options.page = recipe.page;
  options.keep_profile = recipe.keep_profile;
  const std::string bytes = read_bytes(path);
  SourcePicture source = identified_picture(bytes, path, notices, options);
  source.path = path;
  source.metadata = read_image_metadata(bytes, source.identity.name, options.page);
  if (!options.keep_profile) source.metadata.profile.clear();
  return source;
}

std::optional<WantedSize> reduced_size(const Recipe& recipe, const Image& picture, int longest_px) {
  constexpr std::int64_t many_px = 6'000'000;
  if (recipe.size || recipe.faithful || picture.width() * picture.height() <= many_px ||
      std::max(picture.width(), picture.height()) <= longest_px)
    return std::nullopt;
  WantedSize size;
  size.longest = longest_px;
  return size;
}

std::optional<WantedSize> reduce(SourcePicture& source, const Recipe& recipe, int longest_px,
                                 const NoticeSink& notices) {
  const std::optional<WantedSize> size = reduced_size(recipe, source.image, longest_px);
  if (!size) return size;
  source.image = sized_for_dream(source.image, size);
  notify(notices, fmt::format("{}: {}x{} is reduced to {}x{}; --size full dreams all of it",
                              source.identity.name, source.identity.width, source.identity.height,
                              source.image.width(), source.image.height()));
  return size;
}

void note_source_path(const OutputSpec& output, const std::string& path,
                      DreamDocument::Picture& source) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path folder = fs::absolute(output.path).lexically_normal().parent_path();
  const bool is_known = !source.path.empty() && (folder / source.path).lexically_normal() == whole;
  if (is_known && !output.no_source_path && output.path != "-") return;
  source.path = source.absolute_path = "";
  if (output.no_source_path || path == "-") return;
  source.absolute_path = whole.string();
  if (output.path != "-") source.path = whole.lexically_relative(folder).string();
}

static DreamDocument::Picture sequence_identity(const std::string& path, std::int64_t width,
                                                std::int64_t height) {
  std::string sums;
  std::uint64_t bytes = 0;
  for (const fs::path& picture : find_pictures(path)) {
    const MappedFile file(picture);
    sums += fmt::format("{} {}\n", sha256(file.bytes()), picture.filename().string());
    bytes += file.bytes().size();
  }
  const fs::path given(path), whole = given.has_filename() ? given : given.parent_path();
  return {whole.filename().string(), sha256(std::as_bytes(std::span(sums))), width, height, bytes};
}

DreamDocument::Picture video_identity(const std::string& path, std::int64_t width,
                                      std::int64_t height) {
  if (is_picture_sequence(path)) return sequence_identity(path, width, height);
  const MappedFile file(path);  // may be larger than memory
  return {fs::path(path).filename().string(), sha256(file.bytes()), width, height,
          file.bytes().size()};
}

}  // namespace reverie
