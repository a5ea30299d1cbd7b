// recipe.h: everything that decides what a dream looks like, described in one place.
//
// The command line, the JSON form, the help and the table in the README are all made from
// describe(). What changes only the speed (threads, device) is not here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/frame/resample.h"
#include "reverie/plan/plan.h"

namespace reverie {

// NAME[:CHANNEL[,CHANNEL...]][=WEIGHT]
struct LayerSpec {
  std::string name;
  std::vector<int> channels;  // empty: all
  double weight = 1;          // negative suppresses

  friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

// Errors: BadRecipe, saying what part of `text` was not understood.
LayerSpec parse_layer_spec(std::string_view text);
std::string to_string(const LayerSpec& spec);

struct Recipe {
  std::string preset = "classic";
  std::string model;              // name or file; empty: the network inside
  std::vector<LayerSpec> layers;  // empty: the network's default layer
  std::string guide;              // a picture whose features are matched; empty: none
  std::string size;               // "WxH" or "MAX" (longest side, px); empty: the picture's own
  int octaves = 4;
  double octave_scale = 1.4;
  int iterations = 10;
  double step = 1.5;
  int jitter = 32;  // px
  bool clip = true;
  int tile = 0;      // px; 0: the whole picture at once, tiles only where memory asks
  double blend = 0;  // 0: all dream, 1: all original
  std::uint64_t seed = 0;
  Precision precision = Precision::fast;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

}  // namespace reverie
