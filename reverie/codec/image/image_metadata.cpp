#include "reverie/codec/image/image_metadata.h"

#include <string_view>

#include "reverie/codec/image/image_color.h"
#include "reverie/codec/image/image_source.h"

namespace reverie {
namespace {

void set_blob(VipsImage* image, const char* field, const std::string& bytes) {
  if (!bytes.empty()) vips_image_set_blob_copy(image, field, bytes.data(), bytes.size());
}

// Of the thumbnail inside, or of how the pixels lie in the file.
bool is_of_the_file(std::string_view tag) {
  return tag.starts_with("exif-ifd1-") || tag == "exif-ifd0-Orientation";
}

}  // namespace

PictureMetadata metadata_of(VipsImage* image) {
  PictureMetadata metadata;
  metadata.exif = blob_of(image, VIPS_META_EXIF_NAME);
  metadata.xmp = blob_of(image, VIPS_META_XMP_NAME);
  metadata.iptc = blob_of(image, VIPS_META_IPTC_NAME);
  if (can_keep_profile(image)) metadata.profile = blob_of(image, VIPS_META_ICC_NAME);
  gchar** const fields = vips_image_get_fields(image);
  for (gchar** field = fields; field != nullptr && *field != nullptr; ++field) {
    const char* text = nullptr;
    if (std::string_view(*field).starts_with("exif-ifd") && !is_of_the_file(*field) &&
        vips_image_get_string(image, *field, &text) == 0)
      metadata.exif_tags.emplace_back(*field, text);
  }
  g_strfreev(fields);
  return metadata;
}

void attach_metadata(const PictureMetadata& metadata, const std::string& xmp, VipsImage* image) {
  set_blob(image, VIPS_META_EXIF_NAME, metadata.exif);
  // libvips drops the tags of the block that the image does not have, too
  for (const auto& [tag, text] : metadata.exif_tags)
    vips_image_set_string(image, tag.c_str(), text.c_str());
  set_blob(image, VIPS_META_IPTC_NAME, metadata.iptc);
  set_blob(image, VIPS_META_ICC_NAME, metadata.profile);
  set_blob(image, VIPS_META_XMP_NAME, xmp);
  vips_image_set_int(image, VIPS_META_ORIENTATION, 1);
}

PictureMetadata read_image_metadata(const std::string& bytes, const std::string& name, int page) {
  return metadata_of(open_image(source_in_memory(bytes, name).get(), name, page).get());
}

}  // namespace reverie
