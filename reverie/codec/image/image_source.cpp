#include "reverie/codec/image/image_source.h"

#include <algorithm>
#include <vector>

#include "reverie/codec/image/tiff_directories.h"

namespace reverie {
namespace {

// The formats that are asked for here; libvips can read others that are no pictures (tables, PDF)
// or that run programs of their own.
bool is_picture_format(const std::string& loader) {
  for (const char* format :
       {"Jpeg", "Png", "Webp", "Tiff", "gif", "Heif", "Jxl", "Jp2k", "Ppm", "Rad"})
    if (loader.find(format) != std::string::npos) return true;
  return false;
}

// options: of the loader, such as "[page=1]".
ImagePtr load(VipsSource* source, const std::string& options) {
  return ImagePtr(vips_image_new_from_source(source, options.c_str(), "access",
                                             VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                                             nullptr));
}

int number_of(VipsImage* image, const char* field, int fallback) {
  int number = fallback;
  if (vips_image_get_typeof(image, field) == 0 || vips_image_get_int(image, field, &number) != 0)
    return fallback;
  return number;
}

// A picture of a file: a page, or one that lies below it, as in raw photographs.
struct Part {
  std::string options;  // of the loader
  std::int64_t width = 0, height = 0;

  std::int64_t pixels() const { return width * height; }
};

struct Parts {
  std::vector<Part> parts;  // that can be read, in the file's order
  int unreadable = 0;       // cells of a sensor, and what libvips does not know
};

constexpr int most_pages = 1000;  // that are looked at

// All pages of one size, as animations and most documents have them.
Parts equal_parts(VipsImage* first) {
  const int pages = std::min(number_of(first, VIPS_META_N_PAGES, 1), most_pages);
  Parts found;
  for (int page = 0; page < pages; ++page)
    found.parts.push_back({page == 0 ? "" : fmt::format("[page={}]", page),
                           vips_image_get_width(first), vips_image_get_height(first)});
  return found;
}

TiffDirectories directories_of(VipsSource* source) {
  std::size_t size = 0;
  const void* bytes = vips_source_map(source, &size);
  if (bytes == nullptr) return {};
  return tiff_directories({static_cast<const std::byte*>(bytes), size});
}

// Pages of a TIFF file differ, and pictures may lie below the first.
Parts tiff_parts(VipsSource* source, VipsImage* first) {
  const TiffDirectories directories = directories_of(source);
  Parts found;
  const auto are_cells = [](const std::vector<bool>& of_sensor, int i) {
    return static_cast<std::size_t>(i) < of_sensor.size() && of_sensor[static_cast<std::size_t>(i)];
  };
  const auto add_image = [&](const std::string& options, VipsImage* image) {
    if (image != nullptr)
      found.parts.push_back({options, vips_image_get_width(image), vips_image_get_height(image)});
    else
      ++found.unreadable;
  };
  const auto add = [&](const std::string& options, const std::vector<bool>& of_sensor, int i) {
    const ImagePtr image = are_cells(of_sensor, i) ? nullptr : load(source, options);
    take_vips_error();
    add_image(options, image.get());
  };
  add_image("", are_cells(directories.pages, 0) ? nullptr : first);
  const int below = std::min(number_of(first, VIPS_META_N_SUBIFDS, 0), most_pages);
  for (int i = 0; i < below; ++i) add(fmt::format("[subifd={}]", i), directories.below, i);
  const int pages = std::min(number_of(first, VIPS_META_N_PAGES, 1), most_pages);
  for (int i = 1; i < pages; ++i) add(fmt::format("[page={}]", i), directories.pages, i);
  return found;
}

// A preview in a raw photograph that is smaller than this is not taken for the photograph.
constexpr std::int64_t least_preview_px = 640;

[[noreturn]] void refuse_raw(const std::string& name, const Part* preview) {
  throw BadImage(fmt::format(
      "{}: is a raw photograph, which Reverie does not develop; open what a raw converter makes of "
      "it{}",
      name,
      preview == nullptr ? ""
                         : fmt::format(" (--page 1 takes its preview of {} x {})", preview->width,
                                       preview->height)));
}

// APNG: libpng reads the first frame and does not know of others. Their control comes before it.
bool is_animated_png(VipsSource* source) {
  constexpr std::size_t head = 4096;
  const auto* bytes = reinterpret_cast<const char*>(vips_source_sniff(source, head));
  return bytes != nullptr && std::string_view(bytes, head).find("acTL") != std::string_view::npos;
}

void say_what_else(const Parts& found, const Part& chosen, bool is_animated,
                   const std::string& name, const NoticeSink& notices) {
  const std::string which = fmt::format("{} x {}", chosen.width, chosen.height);
  if (found.unreadable > 0)
    notify(notices, fmt::format("{}: is a raw photograph, which Reverie does not develop; its "
                                "preview of {} is taken",
                                name, which));
  else if (is_animated)
    notify(notices,
           fmt::format("{}: has {} frames; the first is taken (--page chooses another, reverie "
                       "video dreams them all)",
                       name, found.parts.size()));
  else
    notify(notices, fmt::format("{}: has {} pictures; {}, {}, is taken (--page chooses another)",
                                name, found.parts.size(),
                                chosen.options.empty() ? "the first" : "the largest", which));
}

}  // namespace

std::string_view blob_of(VipsImage* image, const char* field) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image, field) == 0 ||
      vips_image_get_blob(image, field, &bytes, &size) != 0)
    return {};
  return {static_cast<const char*>(bytes), size};
}

int stored_orientation(VipsImage* image) {
  const char* loader = "";
  if (vips_image_get_string(image, VIPS_META_LOADER, &loader) != 0) vips_error_clear();
  // HEIC and JPEG XL turn pictures themselves; what their EXIF says of it is a remnant
  const std::string_view name = loader;
  const bool turns_itself = name.find("heif") != name.npos || name.find("jxl") != name.npos;
  return turns_itself ? 1 : vips_image_get_orientation(image);
}

void fail_damaged(const std::string& name) {
  throw BadImage(fmt::format("{}: damaged or cut short ({})", name, take_vips_error()));
}

ImagePtr must(ImagePtr image, const std::string& name) {
  if (!image) fail_damaged(name);
  return image;
}

ImagePtr open_image(VipsSource* source, const std::string& name, int page,
                    const NoticeSink& notices) {
  const unsigned char* magic = vips_source_sniff(source, 2);
  const bool bitmap = magic != nullptr && magic[0] == 'B' && magic[1] == 'M';
  const char* found_loader = vips_foreign_find_load_source(source);
  const std::string loader = found_loader == nullptr ? "" : found_loader;
  if (!bitmap && !is_picture_format(loader)) {
    take_vips_error();
    throw BadImage(
        fmt::format("{}: is not a picture that Reverie can read; expected JPEG, PNG, "
                    "WebP, TIFF, GIF, HEIC, AVIF, JPEG XL, JPEG 2000, BMP, PNM or HDR",
                    name));
  }
  if (page == 0 && loader.find("Png") != std::string::npos && is_animated_png(source))
    notify(notices, fmt::format("{}: is animated; its first frame is taken (reverie video dreams "
                                "them all)",
                                name));
  take_vips_error();
  ImagePtr first = must(load(source, ""), name);
  const bool is_tiff = loader.find("Tiff") != std::string::npos;
  const Parts found = is_tiff ? tiff_parts(source, first.get()) : equal_parts(first.get());
  if (found.parts.empty()) refuse_raw(name, nullptr);
  if (page > static_cast<int>(found.parts.size()))
    throw BadImage(fmt::format("{}: has no page {}, only {}", name, page, found.parts.size()));
  if (page > 0) {
    const Part& wanted = found.parts[static_cast<std::size_t>(page - 1)];
    return wanted.options.empty() ? std::move(first) : must(load(source, wanted.options), name);
  }
  if (found.parts.size() + static_cast<std::size_t>(found.unreadable) == 1) return first;
  const Part& largest =
      *std::max_element(found.parts.begin(), found.parts.end(),
                        [](const Part& a, const Part& b) { return a.pixels() < b.pixels(); });
  if (found.unreadable > 0 && std::max(largest.width, largest.height) < least_preview_px)
    refuse_raw(name, &largest);
  const bool is_animated = vips_image_get_typeof(first.get(), "delay") != 0;
  say_what_else(found, largest, is_animated, name, notices);
  return largest.options.empty() ? std::move(first) : must(load(source, largest.options), name);
}

std::string read_to_end(int file, const std::string& name) {
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const ssize_t count = ::read(file, block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw FileFailure(fmt::format("{}: cannot be read ({})", name, strerror(errno)));
    if (count == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(count));
  }
}

SourcePtr source_in_memory(const std::string& bytes, const std::string& name) {
  start_vips();
  if (bytes.empty()) throw BadImage(fmt::format("{}: is empty, expected a picture", name));
  SourcePtr source(vips_source_new_from_memory(bytes.data(), bytes.size()));
  if (!source) throw CodecFailure(fmt::format("{}: {}", name, take_vips_error()));
  return source;
}

OpenFile::OpenFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  const int error = errno;
  if (file_ < 0)
    throw FileFailure(fmt::format("{}: cannot be read ({})", path.string(), strerror(error)));
}

}  // namespace reverie
