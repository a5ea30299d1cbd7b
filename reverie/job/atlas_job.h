// atlas_job.h: a sheet of what the channels of a layer look for, or which respond to a picture.
#pragma once

#include "reverie/job/context.h"

namespace reverie {

JobResult run_atlas(JobContext& context);

}  // namespace reverie
