#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/image_metadata.h"
#include "reverie/codec/image/vips_session.h"
#include "reverie/codec/metadata/recipe_metadata.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

enum class Format { png, jpeg, webp, tiff };

struct FormatInfo {
  const char* extension;
  Format format;
};
constexpr FormatInfo formats[] = {{"png", Format::png},   {"jpg", Format::jpeg},
                                  {"jpeg", Format::jpeg}, {"webp", Format::webp},
                                  {"tif", Format::tiff},  {"tiff", Format::tiff}};

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The format of the options and the path, when all that they say goes together.
Format format_for(const fs::path& path, const ImageOptions& options) {
  std::string word = lower_case(options.format);
  if (word.empty() && path == "-") word = "png";
  if (word.empty() && path.has_extension()) word = lower_case(path.extension().string().substr(1));
  const auto* info = std::find_if(std::begin(formats), std::end(formats),
                                  [&](const FormatInfo& f) { return word == f.extension; });
  if (info == std::end(formats))
    throw CodecFailure(fmt::format("{}: {}; expected png, jpg, webp or tif", path.string(),
                                   word.empty() ? "its name has no extension to tell the format"
                                                : fmt::format("cannot write the format {}", word)));

  const Format format = info->format;
  const bool deep = format == Format::png || format == Format::tiff;
  const bool bits_fit = options.bits == 8 || (options.bits == 16 && deep) ||
                        (options.bits == 32 && format == Format::tiff);
  if (!bits_fit)
    throw CodecFailure(
        fmt::format("{}: {} cannot hold {} bits; expected 8, or 16 in png and tif, "
                    "or 32 in tif",
                    path.string(), info->extension, options.bits));
  if (options.quality < 1 || options.quality > 100)
    throw CodecFailure(
        fmt::format("{}: quality is {}, expected 1 to 100", path.string(), options.quality));
  return format;
}

void check_size(const fs::path& path, Format format, std::int64_t width, std::int64_t height) {
  const std::int64_t most = format == Format::webp   ? 16383
                            : format == Format::jpeg ? 65500
                                                     : 10000000;
  if (std::max(width, height) > most)
    throw CodecFailure(
        fmt::format("{}: the picture is {} x {} pixels, this format holds at most {} on a side; "
                    "choose png or tif",
                    path.string(), width, height, most));
}

// What libvips asks for strips of: the frame as interleaved, rounded pixels.
struct Packer {
  ConstView color, alpha;
  int bits;
  int pixel_width, pixel_height;

  template <class Stored>
  void fill(VipsRegion* region, float scale, float most) const {
    const VipsRect& area = region->valid;
    const std::int64_t bands = alpha.empty() ? 3 : 4;
    for (std::int64_t y = area.top; y < area.top + area.height; ++y) {
      Stored* to =
          reinterpret_cast<Stored*>(VIPS_REGION_ADDR(region, area.left, static_cast<int>(y)));
      for (std::int64_t band = 0; band < bands; ++band) {
        const float* from =
            (band < 3 ? color.plane(band) : alpha.plane(0)).data() + y * width() + area.left;
        for (std::int64_t x = 0; x < area.width; ++x)
          to[x * bands + band] = stored<Stored>(from[x] * scale, most);
      }
    }
  }

  template <class Stored>
  static Stored stored(float value, float most) {
    if constexpr (std::is_same_v<Stored, float>) return value;
    // Written so that not-a-number becomes 0
    if (!(value > 0)) return 0;
    return static_cast<Stored>(std::lrint(std::min(value, most)));
  }

  std::int64_t width() const { return color.shape().width(); }
};

int pack_strip(VipsRegion* region, void*, void* source, void*, gboolean*) {
  const Packer& packer = *static_cast<const Packer*>(source);
  if (packer.bits == 8) packer.fill<std::uint8_t>(region, 1.0f, 255.0f);
  if (packer.bits == 16) packer.fill<std::uint16_t>(region, 257.0f, 65535.0f);
  if (packer.bits == 32) packer.fill<float>(region, 1 / 255.0f, 0.0f);
  return 0;
}

ImagePtr image_of(Packer& packer) {
  const VipsBandFormat format = packer.bits == 8    ? VIPS_FORMAT_UCHAR
                                : packer.bits == 16 ? VIPS_FORMAT_USHORT
                                                    : VIPS_FORMAT_FLOAT;
  const VipsInterpretation kind =
      packer.bits == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  constexpr double square_pixels_per_mm = 72 / 25.4, pixels_per_mm = 2.835;
  const bool is_square = packer.pixel_width == packer.pixel_height;
  ImagePtr image(vips_image_new());
  vips_image_init_fields(image.get(), static_cast<int>(packer.width()),
                         static_cast<int>(packer.color.shape().height()),
                         packer.alpha.empty() ? 3 : 4, format, VIPS_CODING_NONE, kind,
                         is_square ? square_pixels_per_mm : pixels_per_mm * packer.pixel_height,
                         is_square ? square_pixels_per_mm : pixels_per_mm * packer.pixel_width);
  if (vips_image_pipelinev(image.get(), VIPS_DEMAND_STYLE_THINSTRIP, nullptr) != 0 ||
      vips_image_generate(image.get(), nullptr, pack_strip, nullptr, &packer, nullptr) != 0)
    return nullptr;
  // For the EXIF block that libvips writes into JPEG and WebP: sRGB
  vips_image_set_string(image.get(), "exif-ifd2-ColorSpace", "1");
  return image;
}

struct Encoded {
  void* data = nullptr;
  std::size_t size = 0;
  Encoded() = default;
  Encoded(const Encoded&) = delete;
  Encoded& operator=(const Encoded&) = delete;
  ~Encoded() { g_free(data); }
};

int encode(VipsImage* image, Format format, const ImageOptions& options, Encoded& out) {
  switch (format) {
    case Format::png:
      // Level 6 takes twice the time of 4 for 0.2 % less on dreams
      return vips_pngsave_buffer(image, &out.data, &out.size, "compression", 4, "filter",
                                 VIPS_FOREIGN_PNG_FILTER_ALL, nullptr);
    case Format::jpeg:
      return vips_jpegsave_buffer(
          image, &out.data, &out.size, "Q", options.quality, "optimize_coding", TRUE,
          "subsample_mode",
          options.quality >= 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, nullptr);
    case Format::webp:
      return vips_webpsave_buffer(image, &out.data, &out.size, "Q", options.quality, "lossless",
                                  options.quality == 100 ? TRUE : FALSE, "smart_subsample", TRUE,
                                  nullptr);
    case Format::tiff:
      break;
  }
  // A file of more than 4 GB needs wider offsets; the compressed size is not known yet
  const auto bytes = static_cast<double>(VIPS_IMAGE_SIZEOF_IMAGE(image));
  return vips_tiffsave_buffer(image, &out.data, &out.size, "compression",
                              VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
                              options.bits == 32 ? VIPS_FOREIGN_TIFF_PREDICTOR_FLOAT
                                                 : VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL,
                              "bigtiff", bytes > 4e9 ? TRUE : FALSE, nullptr);
}

// What is saved as XMP: that of the photograph, with the recipe. JPEG holds one segment of it: what
// does not fit is left out, with a notice.
std::string xmp_for(const fs::path& path, Format format, const ImageOptions& options,
                    const NoticeSink& notices) {
  constexpr std::size_t max_in_a_segment = 65502;
  const auto fits = [&](const std::string& xmp) {
    return format != Format::jpeg || xmp.size() <= max_in_a_segment;
  };
  const std::string& recipe = options.recipe;
  const std::string& photograph = options.metadata.xmp;
  if (std::string xmp = recipe_in_xmp(recipe, photograph); fits(xmp)) return xmp;
  if (std::string xmp = recipe_in_xmp(recipe, {}); fits(xmp)) {
    notify(notices, fmt::format("{}: the photograph's XMP ({} bytes) is too long for JPEG and is "
                                "left out",
                                path.string(), photograph.size()));
    return xmp;
  }
  notify(notices, fmt::format("{}: the recipe ({} bytes) is too long for JPEG and is left out",
                              path.string(), recipe.size()));
  std::string xmp = recipe_in_xmp({}, photograph);
  return fits(xmp) ? xmp : std::string();
}

}  // namespace

std::string encode_image(const Image& frame, const ImageOptions& options, const NoticeSink& notices,
                         const fs::path& name) {
  const Format format = format_for(name, options);
  if (frame.color.shape().rank() != 3 || frame.color.shape().channels() != 3)
    throw BadShape(fmt::format("{}: cannot write {}, expected [3,H,W]", name.string(),
                               frame.color.shape().to_string()));
  check_size(name, format, frame.width(), frame.height());
  start_vips();

  Packer packer{frame.color, frame.alpha.view(), options.bits, options.pixel_width,
                options.pixel_height};
  if (format == Format::jpeg && !frame.alpha.empty()) {
    packer.alpha = ConstView();
    notify(notices, fmt::format("{}: JPEG has no transparency; the alpha channel is left out",
                                name.string()));
  }
  const ImagePtr image = image_of(packer);
  if (format == Format::tiff && !options.metadata.exif.empty())
    notify(notices, fmt::format("{}: TIFF files get no EXIF; date, camera and place are left out",
                                name.string()));
  if (image)
    attach_metadata(options.metadata, xmp_for(name, format, options, notices), image.get());

  Encoded encoded;
  if (!image || encode(image.get(), format, options, encoded) != 0)
    throw CodecFailure(fmt::format("{}: cannot be encoded ({})", name.string(), take_vips_error()));
  std::string bytes(static_cast<const char*>(encoded.data), encoded.size);
  if (format == Format::png)
    add_png_chunks(bytes, options.recipe, options.metadata.profile.empty());
  return bytes;
}

void check_image_form(const fs::path& path, const ImageOptions& options) {
  format_for(path, options);
}

void check_image_output(const fs::path& path, const ImageOptions& options) {
  check_image_form(path, options);
  check_output_file(path, options.overwrite);
}

void write_image(const fs::path& path, const Image& frame, const ImageOptions& options,
                 const NoticeSink& notices) {
  check_image_output(path, options);
  write_atomically(path, encode_image(frame, options, notices, path), options.overwrite);
}

}  // namespace reverie
