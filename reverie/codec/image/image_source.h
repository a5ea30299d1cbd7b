// image_source.h: opens picture files in libvips. Included inside codec/ only.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/notice.h"
#include "reverie/codec/image/vips_session.h"

namespace reverie {

// A libvips call that makes an image from an image; nullptr with libvips' error kept if it fails.
template <class Call>
ImagePtr make_image(Call&& call) {
  VipsImage* out = nullptr;
  return call(&out) == 0 ? ImagePtr(out) : nullptr;
}

// A field of an image that holds bytes; empty where it is not there. Valid as long as the image.
std::string_view blob_of(VipsImage* image, const char* field);

// How an image that was just opened is to be turned to stand upright: 1 to 8, as Exif says it.
int stored_orientation(VipsImage* image);

// BadImage with libvips' reason.
[[noreturn]] void fail_damaged(const std::string& name);

// Errors: BadImage for nullptr.
ImagePtr must(ImagePtr image, const std::string& name);

// Opens one picture of a file of several. page: 1 for the first; 0: the largest, with a notice
// that says what else there is. Errors: BadImage.
ImagePtr open_image(VipsSource* source, const std::string& name, int page = 0,
                    const NoticeSink& notices = {});

SourcePtr source_in_memory(const std::string& bytes, const std::string& name);

std::string read_to_end(int file, const std::string& name);

class OpenFile {
 public:
  // Errors: FileFailure.
  explicit OpenFile(const std::filesystem::path& path);
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(file_); }
  int number() const { return file_; }

 private:
  int file_;
};

// Calls use(source, name) with the picture at `path`, which stays in the file where it can.
template <class Use>
auto with_source(const std::filesystem::path& path, Use&& use) {
  if (path == "-") {
    const std::string name = "standard input";
    const std::string bytes = read_to_end(STDIN_FILENO, name);
    return use(source_in_memory(bytes, name).get(), name);
  }
  const std::string name = path.string();
  const OpenFile file(path);
  struct stat about;
  if (::fstat(file.number(), &about) != 0)
    throw FileFailure(fmt::format("{}: cannot be read ({})", name, strerror(errno)));
  if (S_ISDIR(about.st_mode))
    throw FileFailure(fmt::format("{}: is a folder, expected a picture", name));
  if (!S_ISREG(about.st_mode)) {
    const std::string bytes = read_to_end(file.number(), name);
    return use(source_in_memory(bytes, name).get(), name);
  }
  if (about.st_size == 0) throw BadImage(fmt::format("{}: is empty, expected a picture", name));
  start_vips();
  const SourcePtr source(vips_source_new_from_descriptor(file.number()));
  if (!source) throw FileFailure(fmt::format("{}: {}", name, take_vips_error()));
  return use(source.get(), name);
}

}  // namespace reverie
