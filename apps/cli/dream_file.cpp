#include "apps/cli/dream_file.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/codec/film_read.h"
#include "reverie/codec/film_write.h"
#include "reverie/codec/still.h"

namespace reverie::cli {

DreamDocument read_dream_document(const std::filesystem::path& dream) {
  const std::string text = is_film_name(dream) ? read_film_recipe(dream) : read_still_recipe(dream);
  if (text.empty())
    throw BadRecipe(fmt::format(
        "'{}' carries no recipe: Reverie did not make it, or another program has rewritten it",
        dream.string()));
  return document_from_json(text, dream.string());
}

}  // namespace reverie::cli
