// sweep.h: one recipe with some settings varied.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_files.h"

namespace REVERIE_API reverie {

struct SweepCell {
  std::string label;  // "layer 3b/output, step 1.5"
  Recipe recipe;
};

struct Sweep {
  std::vector<SweepCell> cells;  // row by row
  int columns = 1;
  std::vector<std::string> settings;  // that are varied, by name
};

inline constexpr std::size_t max_sweep_cells = 400;

// Every combination of the values of `axes`, each "SETTING=VALUE,VALUE..."; separated by ';' where
// a value contains a comma. The last axis varies along the rows, the others down the columns. Files
// are read as by set_option(). Settings that need another network or another preset cannot be
// swept. Errors: BadRecipe for a setting or a value that is not understood, one that is swept
// twice, settings that contradict each other, or more than max_sweep_cells combinations.
Sweep make_sweep(const Recipe& base, const std::vector<std::string>& axes,
                 const RecipeFiles* files = nullptr);

}  // namespace reverie
