// job_files.h: the files that a job's recipes name: each picture is read and decoded once, for its
// identity in the document and for all dreams of the job.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "reverie/job/source_picture.h"
#include "reverie/recipe/recipe_files.h"

namespace reverie {

class JobFiles : public RecipeFiles {
 public:
  explicit JobFiles(std::shared_ptr<const RecipeFiles> files) : files_(std::move(files)) {}

  // Notices come with the first call for a name.
  Image picture(const std::string& name, const NoticeSink& notices) const override;
  std::string bytes(const std::string& name) const override { return files_->bytes(name); }
  std::string sound_path(const std::string& name) const override {
    return files_->sound_path(name);
  }

  // What identifies a picture. Errors: as picture().
  DreamDocument::Picture identity(const std::string& name, const NoticeSink& notices) const;

 private:
  const SourcePicture& known(const std::string& name, const NoticeSink& notices) const;

  std::shared_ptr<const RecipeFiles> files_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, SourcePicture> pictures_;
};

}  // namespace reverie
