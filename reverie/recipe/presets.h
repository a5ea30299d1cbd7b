// presets.h: named recipes: the settings of the known DeepDream programs.
//
// docs/presets.md says for each what it comes from and what `faithful` changes.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// Behaviour of the original programs that is not a setting; only faithful dreams have it.
struct Quirks {
  double epsilon = 0;  // added to the divisor of gradients, in display units
  std::array<float, 3> channel_scale{1, 1, 1};  // factors of the steps of red, green and blue
  bool quantize_result = false;  // to 8 bits, before it is brought back to the picture's size
  bool positive_shifts = false;  // jitter from 0 instead of -jitter
  bool open_shifts = false;      // jitter to one less than the setting
};

struct Preset {
  const char* name;
  const char* help;
  // The program's settings without its plain faults, or, when faithful, with them.
  Recipe (*recipe)(bool faithful);
  // The layers to dream on when none is named and the network has all of them; empty: the network's
  // default.
  std::vector<LayerSpec> layers;
  Quirks quirks = {};
};
std::span<const Preset> presets();

// The preset of that name, or null.
const Preset* find_preset(const std::string& name);

// The quirks of a recipe's preset; none unless it is faithful.
Quirks quirks_of(const Recipe& recipe);

// The recipe of a preset's name, or of a JSON file: a recipe, or the document that a dream carries.
// Errors: BadRecipe naming the presets; FileFailure; as recipe_from_json().
Recipe load_preset(const std::string& name_or_file);

// Turns a recipe's `faithful` on or off. Settings that still have the preset's value get its value
// for the new state; settings that were changed stay.
void set_faithful(Recipe& recipe, bool faithful);

}  // namespace reverie
