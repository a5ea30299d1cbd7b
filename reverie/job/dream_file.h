// dream_file.h: reads the document of a picture or a video.
#pragma once

#include <filesystem>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe_json.h"

namespace REVERIE_API reverie {

// A video is recognised by its extension. Errors: BadRecipe when it carries no recipe or a damaged
// one; as read_image_recipe() and read_video_recipe().
DreamDocument read_dream_document(const std::filesystem::path& dream);

}  // namespace reverie
