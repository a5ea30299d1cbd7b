// reporting.h: runs a job: its events become a progress bar and lines, its result JSON or a
// summary.
#pragma once

#include "apps/cli/fetching.h"
#include "apps/cli/session.h"
#include "reverie/job/job.h"

namespace reverie::cli {

// Runs the job and prints its result. From here on interrupts cancel it. Returns an ExitStatus.
// Errors: UsageError for a picture that standard output cannot take; as run().
int run_job(const JobSpec& spec, const FetchArguments& fetch, Session& session);

}  // namespace reverie::cli
