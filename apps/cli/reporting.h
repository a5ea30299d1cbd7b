// reporting.h: a job, from what was typed to the exit status: its events become a bar and lines,
// its result JSON or a summary.
#pragma once

#include "apps/cli/fetching.h"
#include "apps/cli/session.h"
#include "reverie/job/job.h"

namespace reverie::cli {

// Runs the job and tells what became of it. Interrupts cancel it from here on. Returns an
// ExitStatus. Errors: UsageError for a picture that standard output cannot take; as run().
int run_job(const JobSpec& spec, const FetchArguments& fetch, Session& session);

}  // namespace reverie::cli
