// recipe_files.h: the files that a recipe names, whoever keeps them.
//
// Nothing in a recipe is opened by its name but through this, so that a server may know its own
// names alone, and no path from a client reaches the file system.
#pragma once

#include <string>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"

namespace REVERIE_API reverie {

struct Image;

// May be asked by several threads at once.
class RecipeFiles {
 public:
  virtual ~RecipeFiles() = default;

  // A mask or a guide. Errors: FileFailure for an unknown name, saying it; as read_image().
  virtual Image picture(const std::string& name, const NoticeSink& notices) const = 0;

  // The bytes of a list of labels, a direction, recorded jitter or a timeline. Errors: FileFailure.
  virtual std::string bytes(const std::string& name) const = 0;
};

}  // namespace reverie
