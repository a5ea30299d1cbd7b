#include "reverie/codec/image/tile_pyramid.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_color.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/image_source.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Samples of 8 bits. Floats, as write_image writes them, are fractions.
ImagePtr in_8_bits(ImagePtr image, const std::string& name) {
  const VipsBandFormat format = vips_image_get_format(image.get());
  if (format == VIPS_FORMAT_UCHAR) return image;
  if (!vips_band_format_isint(format)) {
    image = must(make_image([&](VipsImage** out) {
                   return vips_linear1(image.get(), out, 255.0, 0.0, nullptr);
                 }),
                 name);
    image = must(make_image([&](VipsImage** out) { return vips_rint(image.get(), out, nullptr); }),
                 name);
    return must(make_image([&](VipsImage** out) {
                  return vips_cast(image.get(), out, VIPS_FORMAT_UCHAR, nullptr);
                }),
                name);
  }
  return must(make_image([&](VipsImage** out) {
                return vips_cast(image.get(), out, VIPS_FORMAT_UCHAR, "shift", TRUE, nullptr);
              }),
              name);
}

// Turned as the file says. Only a turned picture is held in memory as a whole, since its first row
// is not the first in the file.
ImagePtr upright(ImagePtr image, int orientation, const std::string& name) {
  if (orientation <= 1) return image;
  image.reset(vips_image_copy_memory(image.get()));
  image = must(std::move(image), name);
  vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
  return must(make_image([&](VipsImage** out) { return vips_autorot(image.get(), out, nullptr); }),
              name);
}

void stop_where_cancelled(VipsImage* image, VipsProgress*, void* cancel) {
  if (static_cast<const CancelToken*>(cancel)->cancelled()) vips_image_set_kill(image, TRUE);
}

class RemovedFolder {
 public:
  explicit RemovedFolder(fs::path path) : path_(std::move(path)) {}
  RemovedFolder(const RemovedFolder&) = delete;
  RemovedFolder& operator=(const RemovedFolder&) = delete;
  ~RemovedFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

 private:
  fs::path path_;
};

ImagePtr opened(VipsSource* source, const std::string& name) {
  ImagePtr image = open_image(source, name);
  const std::int64_t pixels =
      std::int64_t{vips_image_get_width(image.get())} * vips_image_get_height(image.get());
  if (pixels > max_image_pixels)
    throw BadImage(fmt::format("{}: is {} x {} pixels, more than the {} million that are allowed",
                               name, vips_image_get_width(image.get()),
                               vips_image_get_height(image.get()), max_image_pixels / 1000000));
  const int orientation = stored_orientation(image.get());
  image = must(to_srgb(std::move(image), false, name, {}), name);
  return upright(in_8_bits(std::move(image), name), orientation, name);
}

// libvips adds "_files" to the name that it is given, and writes a description beside it.
void write_pyramid(VipsImage* image, const fs::path& place, const TilePyramid& pyramid,
                   int quality) {
  const bool is_transparent = vips_image_hasalpha(image) != 0;
  const std::string suffix = is_transparent ? ".png" : fmt::format(".jpg[Q={}]", quality);
  if (vips_dzsave(image, place.c_str(), "layout", VIPS_FOREIGN_DZ_LAYOUT_DZ, "suffix",
                  suffix.c_str(), "overlap", 0, "tile_size", pyramid.tile, "depth",
                  VIPS_FOREIGN_DZ_DEPTH_ONETILE, "strip", TRUE, nullptr) != 0)
    throw CodecFailure(
        fmt::format("{}: tiles cannot be written ({})", place.string(), take_vips_error()));
}

// Interleaved samples of 1 to 4 bands as planes.
Image planes_of(const std::uint8_t* pixels, std::int64_t width, std::int64_t height, int bands) {
  Image image;
  image.color = Tensor::uninitialized({3, height, width});
  const int colors = bands < 3 ? 1 : 3;
  const auto copy = [&](int band, float* to) {
    for (std::int64_t i = 0; i < width * height; ++i) to[i] = pixels[i * bands + band];
  };
  for (int plane = 0; plane < 3; ++plane)
    copy(colors == 3 ? plane : 0, image.color.data() + plane * width * height);
  if (bands > colors) {
    image.alpha = Tensor::uninitialized({1, height, width});
    copy(colors, image.alpha.data());
    const float* const alpha = image.alpha.data();
    if (std::all_of(alpha, alpha + image.alpha.size(), [](float value) { return value >= 255; }))
      image.alpha = Tensor();
  }
  return image;
}

}  // namespace

Image read_image_shrunk(const fs::path& path, std::int64_t side) {
  return with_source(path, [&](VipsSource* source, const std::string& name) {
    ImagePtr image = opened(source, name);
    const auto longer =
        std::max(vips_image_get_width(image.get()), vips_image_get_height(image.get()));
    if (longer > side)
      image = must(make_image([&](VipsImage** out) {
                     return vips_resize(image.get(), out,
                                        static_cast<double>(side) / static_cast<double>(longer),
                                        nullptr);
                   }),
                   name);
    vips_image_set_int(image.get(), VIPS_META_CONCURRENCY, 1);  // as read_image says
    std::size_t size = 0;
    const std::unique_ptr<void, decltype(&g_free)> pixels(
        vips_image_write_to_memory(image.get(), &size), &g_free);
    if (!pixels) fail_damaged(name);
    return planes_of(static_cast<const std::uint8_t*>(pixels.get()),
                     vips_image_get_width(image.get()), vips_image_get_height(image.get()),
                     vips_image_get_bands(image.get()));
  });
}

int tile_levels(std::int64_t width, std::int64_t height, int tile) {
  int levels = 1;
  for (std::int64_t side = std::max(width, height); side > tile; side = (side + 1) / 2) ++levels;
  return levels;
}

TilePyramid write_tile_pyramid(const fs::path& picture, const fs::path& folder,
                               const CancelToken* cancel, int tile, int quality) {
  if (fs::exists(folder)) throw FileFailure(fmt::format("'{}' exists already", folder.string()));
  check_output_file(folder, false);
  const fs::path workplace = folder.string() + ".part";
  std::error_code error;
  fs::remove_all(workplace, error);
  if (!fs::create_directory(workplace, error))
    throw FileFailure(
        fmt::format("cannot make folder '{}': {}", workplace.string(), error.message()));
  const RemovedFolder removed(workplace);
  TilePyramid pyramid;
  pyramid.tile = tile;
  with_source(picture, [&](VipsSource* source, const std::string& name) {
    ImagePtr image = opened(source, name);
    pyramid.width = vips_image_get_width(image.get());
    pyramid.height = vips_image_get_height(image.get());
    // On one thread, as read_image says; another one encodes the tiles
    vips_image_set_int(image.get(), VIPS_META_CONCURRENCY, 1);
    if (cancel != nullptr) {
      vips_image_set_progress(image.get(), TRUE);
      g_signal_connect(image.get(), "eval", G_CALLBACK(stop_where_cancelled),
                       const_cast<CancelToken*>(cancel));
    }
    try {
      write_pyramid(image.get(), workplace / "tiles", pyramid, quality);
    } catch (const CodecFailure&) {
      if (cancel == nullptr || !cancel->cancelled()) throw;
    }
  });
  if (cancel != nullptr && cancel->cancelled()) return pyramid;
  pyramid.levels = tile_levels(pyramid.width, pyramid.height, tile);
  fs::remove(workplace / "tiles_files/vips-properties.xml", error);  // metadata
  replace_file(workplace / "tiles_files", folder);
  return pyramid;
}

}  // namespace reverie
