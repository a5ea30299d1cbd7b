// recipe_mask.h: a recipe's mask, for pictures of any size.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_files.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Keeps the mask that was asked for last. One caller at a time.
class RecipeMask {
 public:
  // Reads the recipe's mask, if it has one. Errors: as `files`.
  RecipeMask(const Recipe& recipe, const RecipeFiles& files, const NoticeSink& notices);

  // The mask at the size of a picture, [1,H,W] of 0..1, inverted and feathered as `recipe` says;
  // empty without a mask. Valid until the next call.
  ConstView at(std::int64_t height, std::int64_t width, const Recipe& recipe);

 private:
  Tensor picture_;  // [1,h,w], 0..255; empty without a mask
  Tensor mask_;
  bool invert_ = false;
  double feather_ = 0;
};

}  // namespace reverie
