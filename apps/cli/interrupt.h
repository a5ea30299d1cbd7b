// interrupt.h: Ctrl-C, and other signals.
#pragma once

#include "reverie/base/cancel.h"

namespace reverie::cli {

// From now on the first SIGINT or SIGTERM cancels `token`; the second ends the process at once with
// status 130. `token` must live as long as the process.
void watch_interrupts(CancelToken& token);

// A write beyond the user's limit for files shall be an error and not the end.
void let_too_large_files_fail();

}  // namespace reverie::cli
