#include "reverie/recipe/recipe_files.h"

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {

std::string RecipeFiles::sound_path(const std::string& name) const {
  throw FileFailure("there is no sound '" + one_line(name) + "' here");
}

}  // namespace reverie
