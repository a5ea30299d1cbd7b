#include "reverie/codec/image/image_color.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/codec/image/color_profile.h"
#include "reverie/codec/image/image_source.h"

namespace reverie {
namespace {

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
  return describe_profile(blob_of(image, VIPS_META_ICC_NAME));
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

// Colours that need no profile, because they say what they look like.
bool is_absolute(VipsInterpretation kind) {
  switch (kind) {
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS:
    case VIPS_INTERPRETATION_XYZ:
    case VIPS_INTERPRETATION_YXY:
    case VIPS_INTERPRETATION_LCH:
    case VIPS_INTERPRETATION_CMC:
    case VIPS_INTERPRETATION_HSV:
      return true;
    default:
      return false;
  }
}

// Signed integers as fractions of the largest one.
ImagePtr without_sign(ImagePtr image) {
  const double most = vips_image_get_format(image.get()) == VIPS_FORMAT_CHAR    ? 127.0
                      : vips_image_get_format(image.get()) == VIPS_FORMAT_SHORT ? 32767.0
                      : vips_image_get_format(image.get()) == VIPS_FORMAT_INT   ? 2147483647.0
                                                                                : 0.0;
  if (most == 0) return image;
  return make_image(
      [&](VipsImage** out) { return vips_linear1(image.get(), out, 1 / most, 0.0, nullptr); });
}

// Errors: BadImage for samples that are no numbers of one axis.
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
          fmt::format("{}: pixels are of type {}, expected integers or floats", name,
                      vips_enum_nick(VIPS_TYPE_BAND_FORMAT, vips_image_get_format(image))));
  }
}

// The three (or one) colors of `image` in sRGB by its embedded profile; nullptr when they are that
// already, or when the profile is of no use.
ImagePtr convert_by_embedded(VipsImage* image, int colors, bool keep_profile,
                             const std::string& name, const NoticeSink& notices) {
  const ProfileInfo profile = embedded_profile(image);
  const bool is_float = vips_band_format_isfloat(vips_image_get_format(image));
  if (profile.space.empty() || (profile.is_srgb() && profile.space == "RGB")) return nullptr;
  if (keep_profile && can_keep_profile(image)) return nullptr;

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
  const bool fits = (profile.space == "RGB" && colors != 4) ||
                    (profile.space == "GRAY" && colors == 1) ||
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

}  // namespace

bool can_keep_profile(VipsImage* image) {
  const ProfileInfo profile = embedded_profile(image);
  return profile.space == "RGB" && !profile.is_srgb() && color_bands(image) == 3;
}

// Colours in sRGB or grey, at their own precision; with the alpha, if any, behind them.
ImagePtr to_srgb(ImagePtr image, bool keep_profile, const std::string& name,
                 const NoticeSink& notices) {
  if (vips_image_get_coding(image.get()) != VIPS_CODING_NONE) {
    VipsImage* decoded = nullptr;
    if (vips_image_decode(image.get(), &decoded) != 0) fail_damaged(name);
    image.reset(decoded);
  }

  // Convert what is not grey, RGB or linear RGB
  const int colors = color_bands(image.get());
  const VipsInterpretation kind = vips_image_get_interpretation(image.get());
  ImagePtr converted;
  if (is_absolute(kind)) {
    const ImagePtr part = must(bands_of(image.get(), 0, 3), name);
    converted = must(make_image([&](VipsImage** out) {
                       return vips_colourspace(part.get(), out, VIPS_INTERPRETATION_RGB16, nullptr);
                     }),
                     name);
  } else {
    image = must(without_sign(std::move(image)), name);
    check_format(image.get(), name);
    converted = convert_by_embedded(image.get(), colors, keep_profile, name, notices);
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
  const VipsBandFormat format = vips_image_get_format(image.get());
  const double scale = format == VIPS_FORMAT_UCHAR        ? 257.0
                       : format == VIPS_FORMAT_SHORT      ? 2.0
                       : vips_band_format_isfloat(format) ? 65535.0
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

}  // namespace reverie
