// dream_file.h: a picture or a film that carries its recipe.
#pragma once

#include <filesystem>

#include "reverie/run/recipe_json.h"

namespace reverie::cli {

// A film is known by its name. Errors: BadRecipe when it carries no recipe or a damaged one; as
// read_still_recipe() and read_film_recipe().
DreamDocument read_dream_document(const std::filesystem::path& dream);

}  // namespace reverie::cli
