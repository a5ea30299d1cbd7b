#include "reverie/base/spinning.h"

#include <omp.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace reverie::detail {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

// How long the calling thread has been ready to run without a core, in all; nothing where the
// system does not say.
std::optional<double> ready_seconds() {
  std::FILE* const file = std::fopen("/proc/thread-self/schedstat", "re");
  if (file == nullptr) return std::nullopt;
  unsigned long long running_ns = 0, ready_ns = 0;
  const int found = std::fscanf(file, "%llu %llu", &running_ns, &ready_ns);
  std::fclose(file);
  if (found != 2) return std::nullopt;
  return 1e-9 * static_cast<double>(ready_ns);
}

bool user_decides() {
  return std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
}

class Governor {
 public:
  // Only the thread that measured last can say how long it waited since.
  void look() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    const Clock::time_point now = Clock::now();
    if (!lock || now - time_ < std::chrono::milliseconds(100)) return;
    const double elapsed_s = seconds(now - std::exchange(time_, now));
    const std::optional<double> ready = ready_seconds();
    if (!ready) return;
    const double ready_s = *ready - std::exchange(ready_s_, *ready);
    const std::thread::id here = std::this_thread::get_id();
    const bool is_first = std::exchange(thread_, here) != here;
    // What was between two dreams says nothing
    if (is_first || elapsed_s > 1) return;
    const bool busy = meter_.update(ready_s, elapsed_s);
    if (busy && !short_) short_ = std::make_unique<ShortSpinning>();
    if (!busy) short_.reset();
  }

 private:
  std::mutex mutex_;
  std::thread::id thread_;
  Clock::time_point time_;
  double ready_s_ = 0;
  LoadMeter meter_;
  std::unique_ptr<ShortSpinning> short_;
};

}  // namespace

bool LoadMeter::update(double ready_s, double elapsed_s) {
  constexpr double busy_share = 0.1, quiet_share = 0.02, patience_s = 0.5;
  if (ready_s > busy_share * elapsed_s) busy_ = true;
  quiet_s_ = ready_s < quiet_share * elapsed_s ? quiet_s_ + elapsed_s : 0;
  if (quiet_s_ >= patience_s) busy_ = false;
  return busy_;
}

ShortSpinning::ShortSpinning() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  team_ = std::thread([this] {
    std::atomic<int> members = 0;  // a loop with nothing to do would get no team
#pragma omp parallel num_threads(omp_get_num_procs() + 1)
    ++members;
    end_.acquire();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ShortSpinning::~ShortSpinning() {
  end_.release();
  team_.join();
}

void adapt_spinning() {
  static const bool decided = user_decides();
  // Never destroyed: threads may still be in loops when a program ends
  static Governor* const governor = new Governor;
  if (!decided) governor->look();
}

}  // namespace reverie::detail
