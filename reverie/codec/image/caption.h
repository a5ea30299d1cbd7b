// caption.h: text rendered as a picture, for captions.
#pragma once

#include <string>

#include "reverie/tensor/tensor.h"

namespace reverie {

// `text` (UTF-8) in a plain font, in lines of about `line_px`, broken between words to fit in
// `width_px`: [1,h,w] of 0..255, how much ink each pixel holds. A word that is wider than that
// makes the result wider. Errors: CodecFailure, also where libvips was built without text.
Tensor rendered_text(const std::string& text, int line_px, int width_px);

}  // namespace reverie
