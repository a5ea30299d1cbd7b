// dream_file.h: a picture that carries its recipe.
#pragma once

#include <filesystem>

#include "reverie/run/recipe_json.h"

namespace reverie::cli {

// Errors: BadRecipe when the picture carries no recipe or a damaged one; as read_still_recipe().
DreamDocument read_dream_document(const std::filesystem::path& dream);

}  // namespace reverie::cli
