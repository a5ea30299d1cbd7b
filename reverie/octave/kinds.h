// kinds.h: the options for going through the octaves, as in published programs, and their settings.
#pragma once

#include "reverie/base/api.h"
#include "reverie/image/kinds.h"

namespace REVERIE_API reverie {

// How the canvas of an octave is made from the dream of the next smaller one.
enum class OctaveMode {
  // The source at this size plus the enlarged detail of the smaller octave: the source's own fine
  // structure is kept. Source: google/deepdream, dream.ipynb. TensorFlow 1's notebook, which adds
  // the fine structure to the enlarged dream, is the same sum in another order.
  detail,
  // The enlarged dream of the smaller octave alone. Source: TensorFlow 2's tutorial;
  // gordicaleksa/pytorch-deepdream.
  running,
  // keep * the picture at this size (blurred a little at each smaller octave) + (1 - keep) * the
  // enlarged dream of the smaller octave. Source: Hvass Laboratories, tutorial 14.
  recursive
};

// How octaves are resized: an interpolation (see Resampler) and its rule for
// sizes.
enum class Resizing {
  scipy,    // google/deepdream: bilinear, end points aligned
  tf1,      // TensorFlow 1: bilinear, corners aligned
  tf2,      // TensorFlow 2: bilinear, pixel centres aligned
  opencv,   // OpenCV: the same with other rules for sizes and rounding
  lanczos,  // three lobes, and no aliasing when shrinking
  pillow    // Lanczos in 8 bit, as Hvass Laboratories' tutorial does: cut to whole levels of 0..255
};

// The settings of a recipe for the octaves, which the octave loop reads itself: see AscentSettings.
struct OctaveSettings {
  OctaveMode octave_mode = OctaveMode::detail;
  int octaves = 4;
  // Ratio between the sides of neighbouring octaves; 1: all of the picture's size.
  double octave_scale = 1.4;
  // How many of the octaves are larger than the picture.
  int octaves_above = 0;
  // Weight of the picture in OctaveMode::recursive, 0..1; the rest is the enlarged dream.
  double recursion_keep = 0.2;
  Resizing resize = Resizing::scipy;
  // Which statistics of the picture the canvas is brought back to after each step.
  ToneMatch match_tone = ToneMatch::none;

  friend bool operator==(const OctaveSettings&, const OctaveSettings&) = default;
};

// How an octave's gradient is put together from tiles, if one plan cannot hold the octave.
enum class Tiling {
  blended,    // overlapping, blended tiles, or none: see blended_tiles.h
  strips,     // a last strip of at most half a tile gets no gradient. Source: TensorFlow 1 notebook
  skip_last,  // the last tile of each axis gets none, unless it is the only one. Source: TensorFlow
              // 2 tutorial, since January 2022
  first,      // one tile at the top left corner. Source: the same, before
  random  // all of the picture, from a random start before its edge, each tile's gradient divided
          // by its standard deviation. Source: Hvass Laboratories, tutorial 14
};

}  // namespace reverie
