// image_file.h: picture files to and from Images, by libvips, which no user of this header
// sees.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

// 23170 x 23170 pixels, which are 6.4 GB as an Image; a file that claims more is refused unread.
inline constexpr std::int64_t max_image_pixels = std::int64_t{1} << 29;

struct ReadOptions {
  // Of a file of several pictures: 1 for the first; 0: the largest, or the first of equal ones,
  // with a notice. Pictures below a page of a TIFF, as raw photographs have them, count after the
  // first.
  int page = 0;
  // RGB with a color profile stays as it is, instead of becoming sRGB.
  bool keep_profile = false;
  std::int64_t max_pixels = max_image_pixels;
};

// Reads JPEG, PNG, WebP, TIFF, GIF, HEIC, and JPEG XL, JPEG 2000, BMP, PNM and Radiance where
// libvips was built with them. "-" is standard input.
//
// Grey, palette, CMYK, Lab and other colours become RGB. 16-bit samples keep their precision, as
// fractions of 0..255; signed ones count from 0. EXIF orientation is applied. An embedded color
// profile other than sRGB is converted to sRGB, with a notice; a picture without one is taken as
// sRGB. Float TIFF is taken as 0..1 on the sRGB curve, as write_image writes it, and keeps values
// outside; Radiance and other float pictures are linear light. An alpha that is opaque everywhere
// is left out.
//
// Errors: FileFailure when it cannot be opened; BadImage when it is empty, damaged, cut short, no
// picture, or of more than `max_pixels`; OutOfMemory.
Image read_image(const std::filesystem::path& path, const NoticeSink& notices = {},
                 const ReadOptions& options = {});

// The same from bytes in memory; `name` is for messages.
Image decode_image(const std::string& bytes, const std::string& name,
                   const NoticeSink& notices = {}, const ReadOptions& options = {});

struct PictureInfo {
  std::int64_t width = 0, height = 0;     // px, upright
  int pixel_width = 1, pixel_height = 1;  // pixel aspect ratio, upright, from its resolution
  bool alpha = false;                     // whether there is a channel of it, perhaps opaque
};

// What a file's head says of its picture. Reads no pixels. Errors: as read_image.
PictureInfo read_image_info(const std::filesystem::path& path);

// What a file says of its picture: date, camera, place, author, and what its colours mean.
struct PictureMetadata {
  std::string exif, xmp, iptc;  // as the file has them; empty without
  // The same EXIF, tag by tag, as libvips names and words it.
  std::vector<std::pair<std::string, std::string>> exif_tags;
  std::string profile;  // ICC, of RGB that is not sRGB; else empty
};

// Reads no pixels. page: as in ReadOptions, without a notice. Thumbnails, which would show the
// picture as it was, are left out. Errors: as read_image.
PictureMetadata read_image_metadata(const std::string& bytes, const std::string& name,
                                    int page = 0);

struct ImageOptions {
  std::string format;  // "png", "jpg", "webp", "tif"; empty: by the path's extension
  int bits = 8;        // 8, 16 (PNG, TIFF), 32 (float TIFF, unclipped, display units / 255)
  int quality = 95;  // 1..100, for JPEG (from 90 without chroma subsampling) and WebP (100: exact)
  std::string recipe;  // JSON kept in the file's metadata, empty for none
  // Written, too, as far as the format holds it: with the orientation of a picture that stands
  // upright, and with the recipe in place of an earlier one. TIFF gets no EXIF, with a notice. With
  // a profile, the colors are those that it describes.
  PictureMetadata metadata = {};
  // Pixel aspect ratio, kept as the resolution of PNG, JPEG and TIFF.
  int pixel_width = 1, pixel_height = 1;
  bool overwrite = false;
};

// Throws what write_image would throw for reasons known before the work begins: an unknown format,
// an existing output, a folder that is missing or not writable. Errors: CodecFailure, FileFailure.
void check_image_output(const std::filesystem::path& path, const ImageOptions& options);

// The same for the format alone: neither the path's folder nor its file need be there or not.
// Errors: CodecFailure.
void check_image_form(const std::filesystem::path& path, const ImageOptions& options);

// The bytes of a picture file: samples rounded to nearest and clipped, not-a-number as 0. The same
// frame and options give the same bytes. Colours are sRGB, without an embedded profile, unless the
// metadata has one. JPEG has no alpha: the colors are written as they are, with a notice. `name` is
// for messages, and its extension says the format if the options do not. Errors: CodecFailure for
// an unsupported format, depth, quality or size; BadShape.
std::string encode_image(const Image& frame, const ImageOptions& options,
                         const NoticeSink& notices = {}, const std::filesystem::path& name = "-");

// Writes those bytes beside `path` first, then renames: never half a file, and without `overwrite`
// never over another. "-" is standard output, PNG unless the options say otherwise. Errors: as
// encode_image; FileFailure (existing output, full disk, no permission).
void write_image(const std::filesystem::path& path, const Image& frame, const ImageOptions& options,
                 const NoticeSink& notices = {});

// The recipe kept in a picture's metadata, JSON; empty when there is none. Errors: as read_image.
std::string read_image_recipe(const std::filesystem::path& path);
// The same from the bytes of a file; `name` is for messages.
std::string read_image_recipe(const std::string& bytes, const std::string& name);

// Extensions (lower case, without the dot) that count as pictures when a folder is searched.
const std::vector<std::string>& image_extensions();

}  // namespace reverie
