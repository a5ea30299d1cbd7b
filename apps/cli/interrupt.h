// interrupt.h: Ctrl-C.
#pragma once

#include "reverie/base/cancel.h"

namespace reverie::cli {

// From now on the first SIGINT or SIGTERM cancels `token`; the second ends the process at once with
// status 130. `token` must live as long as the process. Also turns the signal for too large a file
// into an error of the write.
void watch_interrupts(CancelToken& token);

}  // namespace reverie::cli
