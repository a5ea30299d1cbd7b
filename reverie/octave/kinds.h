// kinds.h: the ways through the octaves that published programs go.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// How one level starts from what the level below it became.
enum class OctaveMode {
  // The source at this size, and what was dreamed below, enlarged: the source's own fine structure
  // stays. Source: google/deepdream, dream.ipynb. TensorFlow 1's notebook, which adds the fine
  // structure to the enlarged dream, is the same sum in another order.
  detail,
  // The dream below, enlarged, and nothing else. Source: TensorFlow 2's tutorial;
  // gordicaleksa/pytorch-deepdream.
  running,
  // keep parts of the picture at this size, which was blurred a little at each level down, and
  // 1 - keep of the dream below, enlarged. Source: Hvass Laboratories, tutorial 14.
  recursive
};

// How levels change size: an interpolation (see Resampler) and the rule that goes with it for
// sizes.
enum class Resizing {
  scipy,    // google/deepdream: bilinear, end points aligned
  tf1,      // TensorFlow 1: bilinear, corners aligned
  tf2,      // TensorFlow 2: bilinear, pixel centres aligned
  opencv,   // OpenCV: the same with other rules for sizes and rounding
  lanczos,  // three lobes, and no aliasing when shrinking
  pillow    // Lanczos in 8 bit, as Hvass Laboratories' tutorial does: cut to whole levels of 0..255
};

// What becomes of a picture's colors.
enum class Color {
  free,  // they dream too
  keep   // every pixel keeps its own, and only its light changes
};

// How an octave's gradient is put together where one plan does not, or shall not, see all of it.
enum class Tiling {
  blended,    // overlapping tiles that fade into each other, or none: see blended_tiles.h
  strips,     // a last strip of at most half a tile gets no gradient. Source: TensorFlow 1 notebook
  skip_last,  // the last tile of each axis gets none, unless it is the only one. Source: TensorFlow
              // 2 tutorial, since January 2022
  first,      // one tile at the top left corner. Source: the same, before
  random  // all of the picture, from a random start before its edge, each tile's gradient divided
          // by its standard deviation. Source: Hvass Laboratories, tutorial 14
};

}  // namespace reverie
