// interrupt.h: Ctrl-C.
#pragma once

#include "reverie/base/cancel.h"

namespace reverie::cli {

// From now on the first SIGINT or SIGTERM cancels `token`; the second ends the process at once with
// status 130. `token` must live as long as the process.
void watch_interrupts(CancelToken& token);

}  // namespace reverie::cli
