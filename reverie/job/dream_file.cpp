#include "reverie/job/dream_file.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"

namespace reverie {

DreamDocument read_dream_document(const std::filesystem::path& dream) {
  const std::string text =
      is_video_name(dream) ? read_video_recipe(dream) : read_image_recipe(dream);
  if (text.empty())
    throw BadRecipe(fmt::format(
        "'{}' carries no recipe: Reverie did not make it, or another program has rewritten it",
        dream.string()));
  return document_from_json(text, dream.string());
}

}  // namespace reverie
