#include "reverie/dream/recipe_mask.h"

#include "reverie/dream/engine_options.h"
#include "reverie/image/image.h"
#include "reverie/octave/mask.h"

namespace reverie {

RecipeMask::RecipeMask(const Recipe& recipe, const RecipeFiles& files, const NoticeSink& notices) {
  if (!recipe.mask.empty()) picture_ = mask_values(files.picture(recipe.mask, notices));
}

ConstView RecipeMask::at(std::int64_t height, std::int64_t width, const Recipe& recipe) {
  if (picture_.empty()) return {};
  const bool is_current = !mask_.empty() && mask_.shape() == Shape{1, height, width} &&
                          invert_ == recipe.mask_invert && feather_ == recipe.mask_feather;
  if (!is_current)
    mask_ = make_mask(picture_, {height, width}, {recipe.mask_invert, recipe.mask_feather});
  invert_ = recipe.mask_invert;
  feather_ = recipe.mask_feather;
  return mask_;
}

}  // namespace reverie
