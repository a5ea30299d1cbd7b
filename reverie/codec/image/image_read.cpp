#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_color.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/image_source.h"
#include "reverie/codec/metadata/recipe_metadata.h"
#include "reverie/image/color_curve.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

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

Image read(VipsSource* source, const std::string& name, const NoticeSink& notices,
           const ReadOptions& options) {
  ImagePtr image = open_image(source, name, options.page, notices);
  const std::int64_t width = vips_image_get_width(image.get());
  const std::int64_t height = vips_image_get_height(image.get());
  if (width * height > options.max_pixels)
    throw BadImage(fmt::format("{}: is {} x {} pixels, more than the {} million that are allowed",
                               name, width, height, options.max_pixels / 1000000));

  // Ask for what stands in the file's head before the pipeline drops it
  const char* loader = "";
  if (vips_image_get_string(image.get(), VIPS_META_LOADER, &loader) != 0) vips_error_clear();
  const bool tiff = std::strstr(loader, "tiff") != nullptr;
  const int orientation = stored_orientation(image.get());
  const bool linear =
      !tiff && vips_image_get_interpretation(image.get()) == VIPS_INTERPRETATION_scRGB;

  image = must(to_srgb(std::move(image), options.keep_profile, name, notices), name);
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

// The resolution in x and y says how wide a pixel is. Small whole numbers that come nearest; what
// no pixel can be is a remnant.
void take_pixel_aspect(double x_res, double y_res, PictureInfo& info) {
  constexpr double most = 4, exact = 1e-4;
  const double aspect = y_res / x_res;
  if (!(aspect >= 1 / most && aspect <= most)) return;
  constexpr int most_height = 400;
  for (int height = 1; height <= most_height; ++height) {
    const double width = std::round(aspect * height);
    if (std::fabs(width / height - aspect) > exact * aspect) continue;
    info.pixel_width = static_cast<int>(width);
    info.pixel_height = height;
    return;
  }
}

PictureInfo info_of(VipsSource* source, const std::string& name) {
  const ImagePtr image = open_image(source, name);
  PictureInfo info;
  info.width = vips_image_get_width(image.get());
  info.height = vips_image_get_height(image.get());
  info.alpha = vips_image_hasalpha(image.get()) != 0;
  take_pixel_aspect(vips_image_get_xres(image.get()), vips_image_get_yres(image.get()), info);
  if (stored_orientation(image.get()) >= 5) {
    std::swap(info.width, info.height);
    std::swap(info.pixel_width, info.pixel_height);
  }
  return info;
}

std::string recipe_of(VipsSource* source, const std::string& name) {
  const ImagePtr image = open_image(source, name, 1);

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

  return recipe_from_xmp(blob_of(image.get(), VIPS_META_XMP_NAME));
}

}  // namespace

Image read_image(const fs::path& path, const NoticeSink& notices, const ReadOptions& options) {
  return with_source(path, [&](VipsSource* source, const std::string& name) {
    return read(source, name, notices, options);
  });
}

Image decode_image(const std::string& bytes, const std::string& name, const NoticeSink& notices,
                   const ReadOptions& options) {
  return read(source_in_memory(bytes, name).get(), name, notices, options);
}

PictureInfo read_image_info(const fs::path& path) { return with_source(path, info_of); }

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
