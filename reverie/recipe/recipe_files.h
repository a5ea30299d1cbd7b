// recipe_files.h: an interface to the files that a recipe names.
//
// Files that a recipe names are opened only through it, so that a server can use names of its own,
// and no path from a client reaches the file system.
#pragma once

#include <string>

#include "reverie/base/api.h"
#include "reverie/base/error.h"
#include "reverie/base/notice.h"

namespace REVERIE_API reverie {

struct Image;

// May be asked by several threads at once.
class RecipeFiles {
 public:
  virtual ~RecipeFiles() = default;

  // A mask or a guide. Errors: FileFailure for an unknown name, which it states; as read_image().
  virtual Image picture(const std::string& name, const NoticeSink& notices) const = 0;

  // The bytes of a label file, a direction, recorded jitter or a timeline. Errors: FileFailure.
  virtual std::string bytes(const std::string& name) const = 0;

  // The path of a file with sound, which is decoded bit by bit. Errors: FileFailure for an unknown
  // name, and where no file has sound, as here.
  virtual std::string sound_path(const std::string& name) const {
    throw FileFailure("there is no sound '" + name + "' here");
  }
};

}  // namespace reverie
