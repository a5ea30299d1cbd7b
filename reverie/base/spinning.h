// spinning.h: whether OpenMP's threads spin while they wait for work, or sleep. Internal to base/.
//
// GNU's runtime lets a thread spin for some 10 ms before it sleeps. On a quiet machine that is
// right: work comes within microseconds, and waking a thread takes longer. Beside other programs it
// is not: threads that spin take the cores from those that they wait for, and a gradient takes ten
// times as long. See docs/decisions/threads.md.
#pragma once

#include <semaphore>
#include <thread>

namespace reverie::detail {

// Tells a busy machine from a quiet one. One caller at a time.
class LoadMeter {
 public:
  // `ready_s`: how long a thread was ready to run but had no core, of the `elapsed_s` since the
  // last call. Returns whether the machine is busy: at once when a tenth of the time was lost, and
  // until half a second has passed in which next to nothing was.
  bool update(double ready_s, double elapsed_s);

 private:
  bool busy_ = false;
  double quiet_s_ = 0;
};

// While one of these lives, waiting threads sleep almost at once: a team of more threads than the
// process has cores, all asleep, makes GNU's runtime cut its spinning to 100 turns. The length of
// spinning itself can only be set before the runtime is loaded, which is too late for a library.
class ShortSpinning {
 public:
  ShortSpinning();
  ~ShortSpinning();

 private:
  std::binary_semaphore end_{0};
  std::thread team_;
};

// Called before a parallel loop by any thread: looks every 100 ms how long that thread had to wait
// for a core, and begins or ends ShortSpinning. Does nothing where OMP_WAIT_POLICY or
// GOMP_SPINCOUNT say how threads shall wait, or where the system does not tell.
void adapt_spinning();

}  // namespace reverie::detail
