// planned_videos.h: which videos a job dreams, and where to.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/job/job_spec.h"

namespace reverie {

struct PlannedVideo {
  std::string input;
  OutputSpec output;  // with a path
};

// The videos that the inputs name: files, sequences of pictures, folders of videos. Each of several
// gets a name of its own in the output's folder, or in place of the '*' of the output's path; those
// folders are made. Errors: BadJob; FileFailure.
std::vector<PlannedVideo> planned_videos(const JobSpec& spec, const NoticeSink& notices);

}  // namespace reverie
