// recipe_options.h: the settings of a recipe as text, for command lines and tables.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/atlas_settings.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_files.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

struct RecipeOption {
  enum class Kind { value, flag, list };
  std::string name;                 // "octave-scale"
  std::vector<std::string> former;  // see former_names.h
  char letter = 0;                  // 'l' for -l; 0 for none
  Kind kind = Kind::value;
  std::string form;    // what stands for the value in help: "N", "NAME|FILE"; empty for a flag
  std::string values;  // "1 to 16", "exact, fast, half"; empty when anything goes
  std::string unit;
  std::string fallback;  // the default as text; empty for none
  std::string help;
};

// One per setting, in the order of describe(); fallbacks are those of `recipe`.
std::vector<RecipeOption> recipe_options(const Recipe& recipe = {});

// The same for a zoom, a video and an atlas.
std::vector<RecipeOption> zoom_options(const ZoomSettings& settings = {});
std::vector<RecipeOption> video_options(const VideoSettings& settings = {});
std::vector<RecipeOption> atlas_options(const AtlasSettings& settings = {});

// Sets one setting, by its name or a former one, from text: one text for a value or a flag ("true",
// "false"), any number for a list. Messages begin with "--NAME". A file of jitter or of a timeline
// is read from `files`; without them it is refused. Errors: BadRecipe; FileFailure.
void set_option(Recipe& recipe, const std::string& name, const std::vector<std::string>& texts,
                const RecipeFiles* files = nullptr);

void set_option(ZoomSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files = nullptr);
void set_option(VideoSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files = nullptr);

void set_option(AtlasSettings& settings, const std::string& name,
                const std::vector<std::string>& texts, const RecipeFiles* files = nullptr);

}  // namespace reverie
