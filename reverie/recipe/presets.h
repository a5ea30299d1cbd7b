// presets.h: recipes that have a name: the known DeepDream programs, as rows of settings.
//
// docs/presets.md says for each what it comes from and what `faithful` changes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

struct Preset {
  const char* name;
  const char* help;
  // The program's arithmetic without what was a plain fault in it, or, when faithful, with that.
  Recipe (*recipe)(bool faithful);
  // What it dreams of when no layer is named, on a network that has all of them; empty: the
  // network's default.
  std::vector<LayerSpec> layers;
};
std::span<const Preset> presets();

// The preset of that name, or null.
const Preset* find_preset(const std::string& name);

// The recipe of a preset's name, or of a JSON file: a recipe, or the document that a dream carries.
// Errors: BadRecipe naming the presets; FileFailure; as recipe_from_json().
Recipe load_preset(const std::string& name_or_file);

// Turns a recipe's `faithful` on or off: settings that are as its preset has them become what they
// are with the switch thrown; those that were changed stay.
void set_faithful(Recipe& recipe, bool faithful);

}  // namespace reverie
