// layer_spec.h: the text form of a layer to dream on, and of a guide.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"

namespace REVERIE_API reverie {

// One term of the objective.
struct LayerSpec {
  std::string name;           // exact, or what resolve_layer() understands; empty only for a class
  std::vector<int> channels;  // empty: all
  double weight = 1;          // negative suppresses
  std::optional<Place> at = {};
  OctaveSpan octaves = {};
  std::string direction = {};   // file with a number for each channel: see read_direction()
  std::string class_name = {};  // of a classifier's output, a number or a label; empty: none
  std::string mask = {};        // picture of where the term counts, as a recipe's mask; empty: all

  friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

// NAME[:CHANNELS][@KEY=VALUE]...[=WEIGHT], where CHANNELS is a list of numbers and ranges
// (3,7,10-19) or `*` for all. The keys: @at=X,Y, a place as fractions of width and height;
// @octaves=2, 0-1 or 2-, counted from the coarsest; @direction=FILE; @mask=IMAGE;
// @class=NUMBER|LABEL, for which NAME may be missing. The text before the keys is
// parsed from the right, so NAME may contain ':', '/' and '='; to_string() adds
// `:*` or `=1` where the name alone would be misread.
// parse_layer_spec(to_string(spec)) == spec. Errors: BadRecipe, saying what part of
// `text` was not understood.
LayerSpec parse_layer_spec(std::string_view text);
std::string to_string(const LayerSpec& spec);

// A picture whose features the dream takes on.
struct GuideSpec {
  std::string file;
  double weight = 1;  // negative: away from it

  friend bool operator==(const GuideSpec&, const GuideSpec&) = default;
};

// IMAGE[=WEIGHT]; what follows the last '=' is a weight when it is a number. Errors: BadRecipe for
// an empty name.
GuideSpec parse_guide_spec(std::string_view text);
std::string to_string(const GuideSpec& spec);

}  // namespace reverie
