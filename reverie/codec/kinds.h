// kinds.h: choices of how a video is read and written, as plain data.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// What becomes of the sound of a video that is dreamed.
enum class SoundHandling {
  automatic,  // copied where the new format can hold it, else converted
  copy,       // copied where the new format can hold it, else left out
  convert,    // converted in any case
  none        // left out
};

// Whether interlaced frames are made progressive.
enum class Deinterlacing {
  automatic,  // where they are interlaced; telecined films get their own frames back
  no,
  yes  // every frame
};

}  // namespace reverie
