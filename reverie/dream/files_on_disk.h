// files_on_disk.h: the RecipeFiles that opens names as paths.
#pragma once

#include <memory>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe_files.h"

namespace REVERIE_API reverie {

// Relative paths begin at the current folder.
std::shared_ptr<const RecipeFiles> files_on_disk();

}  // namespace reverie
