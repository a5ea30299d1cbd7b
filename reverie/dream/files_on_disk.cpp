#include "reverie/dream/files_on_disk.h"

#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"

namespace reverie {
namespace {

class FilesOnDisk : public RecipeFiles {
 public:
  Image picture(const std::string& name, const NoticeSink& notices) const override {
    return read_image(name, notices);
  }

  std::string bytes(const std::string& name) const override { return read_file(name); }
  std::string sound_path(const std::string& name) const override { return name; }
};

}  // namespace

std::shared_ptr<const RecipeFiles> files_on_disk() {
  static const auto files = std::make_shared<const FilesOnDisk>();
  return files;
}

}  // namespace reverie
