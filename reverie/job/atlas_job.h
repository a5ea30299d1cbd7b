// atlas_job.h: a sheet of a layer's channels, or of those that respond most to a picture.
#pragma once

#include "reverie/job/context.h"

namespace reverie {

JobResult run_atlas(JobContext& context);

}  // namespace reverie
