#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/codec/image/color_profile.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/vips_session.h"
#include "reverie/codec/metadata/recipe_metadata.h"
#include "reverie/image/color_curve.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// A libvips call that makes an image from an image; nullptr with libvips' error kept if it fails.
template <class Call>
ImagePtr make_image(Call&& call) {
  VipsImage* out = nullptr;
  return call(&out) == 0 ? ImagePtr(out) : nullptr;
}

[[noreturn]] void fail_damaged(const std::string& name) {
  throw BadImage(fmt::format("{}: damaged or cut short ({})", name, take_vips_error()));
}

ImagePtr must(ImagePtr image, const std::string& name) {
  if (!image) fail_damaged(name);
  return image;
}

// ---- Opening

// The formats that are asked for here; libvips can read others that are no pictures (tables, PDF)
// or that run programs of their own.
bool is_picture_format(const std::string& loader) {
  for (const char* format :
       {"Jpeg", "Png", "Webp", "Tiff", "gif", "Heif", "Jxl", "Jp2k", "Ppm", "Rad"})
    if (loader.find(format) != std::string::npos) return true;
  return false;
}

ImagePtr open_image(VipsSource* source, const std::string& name) {
  const unsigned char* magic = vips_source_sniff(source, 2);
  const bool bitmap = magic != nullptr && magic[0] == 'B' && magic[1] == 'M';
  const char* loader = vips_foreign_find_load_source(source);
  if (!bitmap && (loader == nullptr || !is_picture_format(loader))) {
    take_vips_error();
    throw BadImage(fmt::format("{}: is not a picture that libvips can read; expected {}", name,
                               "JPEG, PNG, WebP, TIFF, GIF or HEIC"));
  }
  ImagePtr image(vips_image_new_from_source(source, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                            VIPS_FAIL_ON_ERROR, nullptr));
  return must(std::move(image), name);
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

class OpenFile {
 public:
  explicit OpenFile(const fs::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    const int error = errno;
    if (file_ < 0)
      throw FileFailure(fmt::format("{}: cannot be read ({})", path.string(), strerror(error)));
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(file_); }
  int number() const { return file_; }

 private:
  int file_;
};

// Calls use(source, name) with the picture at `path`, which stays in the file where it can.
template <class Use>
auto with_source(const fs::path& path, Use&& use) {
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

// ---- Color

int color_bands(const VipsImage* image) {
  const int bands = vips_image_get_bands(image);
  switch (vips_image_get_interpretation(image)) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
      return 1;
    case VIPS_INTERPRETATION_CMYK:
      return std::min(bands, 4);
    default:
      return bands < 3 ? 1 : 3;
  }
}

ImagePtr bands_of(VipsImage* image, int first, int count) {
  return make_image(
      [&](VipsImage** out) { return vips_extract_band(image, out, first, "n", count, nullptr); });
}

// 16-bit sRGB from colors that a profile describes: the embedded one, or one that libvips brings.
ImagePtr convert_by_profile(VipsImage* colors, const char* built_in) {
  return make_image([&](VipsImage** out) {
    return vips_icc_transform(colors, out, "srgb", "embedded", built_in == nullptr ? TRUE : FALSE,
                              "input_profile", built_in, "intent", VIPS_INTENT_RELATIVE,
                              "black_point_compensation", TRUE, "depth", 16, nullptr);
  });
}

ProfileInfo embedded_profile(VipsImage* image) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) == 0 ||
      vips_image_get_blob(image, VIPS_META_ICC_NAME, &bytes, &size) != 0)
    return {};
  return describe_profile({static_cast<const char*>(bytes), size});
}

// A profile is used on 16-bit colors at most, so floating point ones are narrowed first.
ImagePtr narrowed(VipsImage* colors) {
  const VipsBandFormat format = vips_image_get_format(colors);
  if (format == VIPS_FORMAT_UCHAR || format == VIPS_FORMAT_USHORT) {
    g_object_ref(colors);
    return ImagePtr(colors);
  }
  const ImagePtr scaled =
      make_image([&](VipsImage** out) { return vips_linear1(colors, out, 65535.0, 0.0, nullptr); });
  const ImagePtr cast = make_image([&](VipsImage** out) {
    return !scaled ? -1 : vips_cast(scaled.get(), out, VIPS_FORMAT_USHORT, nullptr);
  });
  return make_image([&](VipsImage** out) {
    return !cast ? -1
                 : vips_copy(cast.get(), out, "interpretation", VIPS_INTERPRETATION_RGB16, nullptr);
  });
}

// The three (or one) colors of `image` in sRGB by its embedded profile; nullptr when they are that
// already, or when the profile is of no use.
ImagePtr convert_by_embedded(VipsImage* image, int colors, const std::string& name,
                             const NoticeSink& notices) {
  const ProfileInfo profile = embedded_profile(image);
  const bool is_float = vips_band_format_isfloat(vips_image_get_format(image));
  if (profile.space.empty() || (profile.is_srgb() && profile.space == "RGB")) return nullptr;

  // Grey with a profile for RGB is that grey in all three
  ImagePtr part = bands_of(image, 0, colors);
  if (part && colors == 1 && profile.space == "RGB") {
    VipsImage* three[] = {part.get(), part.get(), part.get()};
    part = make_image([&](VipsImage** out) { return vips_bandjoin(three, out, 3, nullptr); });
    if (part)
      part = make_image([&](VipsImage** out) {
        const bool wide = vips_image_get_format(part.get()) == VIPS_FORMAT_USHORT;
        return vips_copy(part.get(), out, "interpretation",
                         wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB, nullptr);
      });
  }
  if (part) part = narrowed(part.get());
  const bool fits = profile.space == "RGB" || (profile.space == "GRAY" && colors == 1) ||
                    (profile.space == "CMYK" && colors == 4);
  ImagePtr converted = part && fits ? convert_by_profile(part.get(), nullptr) : nullptr;
  if (converted) {
    notify(notices, fmt::format("{}: colour profile \"{}\" converted to sRGB{}", name,
                                profile.description, is_float ? ", clipped to its range" : ""));
  } else {
    take_vips_error();
    notify(notices, fmt::format("{}: colour profile \"{}\" ({}) cannot be used and is ignored",
                                name, profile.description, profile.space));
  }
  return converted;
}

// Colours in sRGB or grey, at their own precision; with the alpha, if any, behind them.
ImagePtr to_srgb(ImagePtr image, const std::string& name, const NoticeSink& notices) {
  if (vips_image_get_coding(image.get()) != VIPS_CODING_NONE) {
    VipsImage* decoded = nullptr;
    if (vips_image_decode(image.get(), &decoded) != 0) fail_damaged(name);
    image.reset(decoded);
  }

  // Convert what is not grey, RGB or linear RGB
  const int colors = color_bands(image.get());
  const VipsInterpretation kind = vips_image_get_interpretation(image.get());
  ImagePtr converted;
  if (kind == VIPS_INTERPRETATION_LAB || kind == VIPS_INTERPRETATION_LABS ||
      kind == VIPS_INTERPRETATION_XYZ) {
    const ImagePtr part = must(bands_of(image.get(), 0, 3), name);
    converted = must(make_image([&](VipsImage** out) {
                       return vips_colourspace(part.get(), out, VIPS_INTERPRETATION_RGB16, nullptr);
                     }),
                     name);
  } else {
    converted = convert_by_embedded(image.get(), colors, name, notices);
    if (!converted && kind == VIPS_INTERPRETATION_CMYK) {
      const ImagePtr part = must(bands_of(image.get(), 0, colors), name);
      converted = must(convert_by_profile(part.get(), "cmyk"), name);
      notify(notices, fmt::format("{}: CMYK without a usable colour profile, read as SWOP-like "
                                  "print colours and converted to sRGB",
                                  name));
    }
  }
  const bool alpha = vips_image_get_bands(image.get()) > colors;
  if (!converted) return bands_of(image.get(), 0, colors + (alpha ? 1 : 0));
  if (!alpha) return converted;

  // Bring the alpha to the 16 bits of the converted colors
  ImagePtr mask = must(bands_of(image.get(), colors, 1), name);
  const double scale = vips_image_get_format(image.get()) == VIPS_FORMAT_UCHAR        ? 257.0
                       : vips_band_format_isfloat(vips_image_get_format(image.get())) ? 65535.0
                                                                                      : 1.0;
  mask = must(make_image([&](VipsImage** out) {
                return vips_linear1(mask.get(), out, scale, 0.0, nullptr);
              }),
              name);
  mask = must(make_image([&](VipsImage** out) {
                return vips_cast(mask.get(), out, VIPS_FORMAT_USHORT, nullptr);
              }),
              name);
  return make_image(
      [&](VipsImage** out) { return vips_bandjoin2(converted.get(), mask.get(), out, nullptr); });
}

// ---- Pixels

// Where the pixels of a stored row go once the picture stands upright.
struct Row {
  std::int64_t start, step;
};

// Source: Exif 2.3, tag 274 (Orientation).
Row upright_row(int orientation, std::int64_t width, std::int64_t height, std::int64_t y) {
  switch (orientation) {
    case 2:
      return {y * width + width - 1, -1};
    case 3:
      return {(height - 1 - y) * width + width - 1, -1};
    case 4:
      return {(height - 1 - y) * width, 1};
    case 5:
      return {y, height};
    case 6:
      return {height - 1 - y, height};
    case 7:
      return {(width - 1) * height + height - 1 - y, -height};
    case 8:
      return {(width - 1) * height + y, -height};
    default:
      return {y * width, 1};
  }
}

// Takes rows of interleaved pixels as libvips decodes them, and lays them into a Image.
struct Unpacker {
  Image frame;
  std::int64_t width, height;  // as stored
  int orientation, bands, colors;
  bool linear;
  float min_alpha = 255;

  template <class Stored>
  void take_row(const Stored* pixels, std::int64_t left, std::int64_t y, std::int64_t count) {
    const Row row = upright_row(orientation, width, height, y);
    for (int plane = 0; plane < 3; ++plane) {
      const Stored* from = pixels + (colors == 3 ? plane : 0);
      float* to = frame.color.data() + plane * width * height + row.start + left * row.step;
      if (linear)
        for (std::int64_t x = 0; x < count; ++x)
          to[x * row.step] = 255 * srgb_encode(static_cast<float>(from[x * bands]));
      else
        for (std::int64_t x = 0; x < count; ++x) to[x * row.step] = display(from[x * bands]);
    }
    if (bands == colors) return;
    float* to = frame.alpha.data() + row.start + left * row.step;
    for (std::int64_t x = 0; x < count; ++x) {
      to[x * row.step] = display(pixels[x * bands + colors]);
      min_alpha = std::min(min_alpha, to[x * row.step]);
    }
  }

  static float display(std::uint8_t v) { return v; }
  static float display(std::uint16_t v) { return static_cast<float>(v) / 257.0f; }
  static float display(std::uint32_t v) { return static_cast<float>(v * (255 / 4294967295.0)); }
  static float display(float v) { return v * 255.0f; }
  static float display(double v) { return static_cast<float>(v * 255.0); }
};

// Called by libvips for one strip after the other, from the top down.
int unpack_strip(VipsRegion* region, VipsRect* area, void* target) {
  Unpacker& unpacker = *static_cast<Unpacker*>(target);
  const VipsBandFormat format = vips_image_get_format(region->im);
  for (int y = area->top; y < area->top + area->height; ++y) {
    const void* pixels = VIPS_REGION_ADDR(region, area->left, y);
    const auto take = [&](auto sample) {
      unpacker.take_row(static_cast<const decltype(sample)*>(pixels), area->left, y, area->width);
    };
    switch (format) {
      case VIPS_FORMAT_UCHAR:
        take(std::uint8_t{});
        break;
      case VIPS_FORMAT_USHORT:
        take(std::uint16_t{});
        break;
      case VIPS_FORMAT_UINT:
        take(std::uint32_t{});
        break;
      case VIPS_FORMAT_FLOAT:
        take(float{});
        break;
      default:
        take(double{});
        break;
    }
  }
  return 0;
}

void check_format(const VipsImage* image, const std::string& name) {
  switch (vips_image_get_format(image)) {
    case VIPS_FORMAT_UCHAR:
    case VIPS_FORMAT_USHORT:
    case VIPS_FORMAT_UINT:
    case VIPS_FORMAT_FLOAT:
    case VIPS_FORMAT_DOUBLE:
      return;
    default:
      throw BadImage(
          fmt::format("{}: pixels are of type {}, expected unsigned integers or floats", name,
                      vips_enum_nick(VIPS_TYPE_BAND_FORMAT, vips_image_get_format(image))));
  }
}

Image read(VipsSource* source, const std::string& name, const NoticeSink& notices,
           std::int64_t max_pixels) {
  ImagePtr image = open_image(source, name);
  const std::int64_t width = vips_image_get_width(image.get());
  const std::int64_t height = vips_image_get_height(image.get());
  if (width * height > max_pixels)
    throw BadImage(fmt::format("{}: is {} x {} pixels, more than the {} million that are allowed",
                               name, width, height, max_pixels / 1000000));
  check_format(image.get(), name);

  // Ask for what stands in the file's head before the pipeline drops it
  const char* loader = "";
  if (vips_image_get_string(image.get(), VIPS_META_LOADER, &loader) != 0) vips_error_clear();
  const bool tiff = std::strstr(loader, "tiff") != nullptr;
  // HEIC and JPEG XL turn pictures themselves; what their EXIF says of it is a remnant
  const bool turns_itself =
      std::strstr(loader, "heif") != nullptr || std::strstr(loader, "jxl") != nullptr;
  const int orientation = turns_itself ? 1 : vips_image_get_orientation(image.get());
  const bool linear =
      !tiff && vips_image_get_interpretation(image.get()) == VIPS_INTERPRETATION_scRGB;

  image = must(to_srgb(std::move(image), name, notices), name);
  Unpacker unpacker;
  unpacker.width = width;
  unpacker.height = height;
  unpacker.orientation = orientation;
  unpacker.bands = vips_image_get_bands(image.get());
  unpacker.colors = unpacker.bands < 3 ? 1 : 3;
  unpacker.linear = linear && vips_band_format_isfloat(vips_image_get_format(image.get()));
  const bool turned = orientation >= 5;
  const Shape shape{3, turned ? width : height, turned ? height : width};
  try {
    unpacker.frame.color = Tensor::uninitialized(shape);
    if (unpacker.bands > unpacker.colors)
      unpacker.frame.alpha = Tensor::uninitialized({1, shape.height(), shape.width()});
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(fmt::format("{}: out of memory for {} x {} pixels ({} MB)", name, width,
                                  height, width * height * 12 / 1000000));
  }

  // On one thread: an error in the last rows stops libvips' other threads as if all were done, and
  // the picture would then pass as whole, with black rows
  vips_image_set_int(image.get(), VIPS_META_CONCURRENCY, 1);
  if (vips_sink_disc(image.get(), unpack_strip, &unpacker) != 0) fail_damaged(name);
  if (unpacker.min_alpha >= 255) unpacker.frame.alpha = Tensor();
  return std::move(unpacker.frame);
}

std::string recipe_of(VipsSource* source, const std::string& name) {
  const ImagePtr image = open_image(source, name);

  // libvips numbers a PNG's texts: png-comment-3-KEYWORD
  std::string recipe;
  gchar** const fields = vips_image_get_fields(image.get());
  for (gchar** field = fields; field != nullptr && *field != nullptr; ++field) {
    const std::string_view key = *field;
    const char* text = nullptr;
    const bool ours =
        key.substr(0, 12) == "png-comment-" && key.substr(key.rfind('-') + 1) == png_recipe_keyword;
    if (ours && vips_image_get_string(image.get(), *field, &text) == 0) recipe = text;
  }
  g_strfreev(fields);
  if (!recipe.empty()) return recipe;

  const void* xmp = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image.get(), VIPS_META_XMP_NAME) != 0 &&
      vips_image_get_blob(image.get(), VIPS_META_XMP_NAME, &xmp, &size) == 0)
    return recipe_from_xmp({static_cast<const char*>(xmp), size});
  return {};
}

}  // namespace

Image read_image(const fs::path& path, const NoticeSink& notices, std::int64_t max_pixels) {
  return with_source(path, [&](VipsSource* source, const std::string& name) {
    return read(source, name, notices, max_pixels);
  });
}

Image decode_image(const std::string& bytes, const std::string& name, const NoticeSink& notices,
                   std::int64_t max_pixels) {
  return read(source_in_memory(bytes, name).get(), name, notices, max_pixels);
}

std::string read_image_recipe(const fs::path& path) {
  return with_source(
      path, [](VipsSource* source, const std::string& name) { return recipe_of(source, name); });
}

std::string read_image_recipe(const std::string& bytes, const std::string& name) {
  return recipe_of(source_in_memory(bytes, name).get(), name);
}

const std::vector<std::string>& image_extensions() {
  static const std::vector<std::string> extensions = {"jpg", "jpeg", "png",  "webp", "tif", "tiff",
                                                      "gif", "heic", "heif", "avif", "bmp", "jxl",
                                                      "jp2", "ppm",  "pgm",  "hdr"};
  return extensions;
}

}  // namespace reverie
