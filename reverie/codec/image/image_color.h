// image_color.h: the colours of any picture that libvips reads, as sRGB. Included inside codec/
// only.
#pragma once

#include <string>

#include "reverie/base/notice.h"
#include "reverie/codec/image/vips_session.h"

namespace reverie {

// Whether a profile other than sRGB describes three colours, so that they can stay as they are.
bool can_keep_profile(VipsImage* image);

// Colours in sRGB or grey, at their own precision; with the alpha, if any, behind them. Samples
// become unsigned integers or floats. keep_profile: RGB that a profile describes stays as it is.
// Errors: BadImage.
ImagePtr to_srgb(ImagePtr image, bool keep_profile, const std::string& name,
                 const NoticeSink& notices);

}  // namespace reverie
