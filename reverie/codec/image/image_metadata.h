// image_metadata.h: EXIF, XMP, IPTC and color profiles, between files and libvips' images. Included
// inside codec/ only.
#pragma once

#include <string>

#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/vips_session.h"

namespace reverie {

PictureMetadata metadata_of(VipsImage* image);

// Has a picture that stands upright saved with this metadata. xmp: what is saved as XMP.
void attach_metadata(const PictureMetadata& metadata, const std::string& xmp, VipsImage* image);

}  // namespace reverie
