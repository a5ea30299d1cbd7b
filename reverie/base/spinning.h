// spinning.h: whether OpenMP's threads spin or sleep while they wait. Internal to base/.
//
// GNU's runtime lets a thread spin for some 10 ms before it sleeps. On a quiet machine this is
// right: work comes within microseconds, and waking a thread takes longer. On a busy machine it is
// wrong: spinning threads occupy the cores of the threads that they wait for, and a gradient takes
// ten times as long. See docs/decisions/threads.md.
#pragma once

#include <semaphore>
#include <thread>

namespace reverie::detail {

// Decides whether the machine is busy. One caller at a time.
class LoadMeter {
 public:
  // `ready_s`: how long a thread was ready to run but had no core, within the `elapsed_s` since the
  // last call. Returns whether the machine is busy: it becomes busy when a tenth of the time was
  // lost, and quiet after half a second in which next to nothing was lost.
  bool update(double ready_s, double elapsed_s);

 private:
  bool busy_ = false;
  double quiet_s_ = 0;
};

// While an object of this class lives, waiting threads sleep almost at once: a sleeping team of
// more threads than the process has cores makes GNU's runtime cut its spinning to 100 iterations.
// The spin count itself can only be set before the runtime is loaded, which a library cannot do.
class ShortSpinning {
 public:
  ShortSpinning();
  ~ShortSpinning();

 private:
  std::binary_semaphore end_{0};
  std::thread team_;
};

// Called before a parallel loop, by any thread. Checks every 100 ms how long that thread had to
// wait for a core, and begins or ends ShortSpinning. Does nothing where OMP_WAIT_POLICY or
// GOMP_SPINCOUNT is set, or where the system has no schedstat.
void adapt_spinning();

}  // namespace reverie::detail
