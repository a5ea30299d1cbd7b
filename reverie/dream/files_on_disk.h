// files_on_disk.h: recipes name paths, unless somebody else keeps their files.
#pragma once

#include <memory>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe_files.h"

namespace REVERIE_API reverie {

// Names are paths; relative ones begin at the current folder.
std::shared_ptr<const RecipeFiles> files_on_disk();

}  // namespace reverie
