// cancel.h: a request to stop, from one thread to another.
#pragma once

#include <atomic>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Set once by a signal handler or another thread. Long work checks it between steps, and then
// returns what is finished. Cancellation is a result, not an error. Lock-free, so a signal handler
// may set it.
class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace reverie
