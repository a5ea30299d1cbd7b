#include "reverie/job/job_files.h"

namespace reverie {

const SourcePicture& JobFiles::known(const std::string& name, const NoticeSink& notices) const {
  const std::lock_guard lock(mutex_);
  const auto found = pictures_.find(name);
  if (found != pictures_.end()) return found->second;
  return pictures_.emplace(name, identified_picture(files_->bytes(name), name, notices))
      .first->second;
}

Image JobFiles::picture(const std::string& name, const NoticeSink& notices) const {
  return known(name, notices).image.clone();
}

DreamDocument::Picture JobFiles::identity(const std::string& name,
                                          const NoticeSink& notices) const {
  return known(name, notices).identity;
}

}  // namespace reverie
