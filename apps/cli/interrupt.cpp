#include "apps/cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "apps/cli/session.h"

namespace reverie::cli {
namespace {

// A signal handler can reach nothing but statics.
CancelToken* watched = nullptr;

extern "C" void reverie_on_interrupt(int) {
  if (watched->cancelled()) _exit(interrupted);
  watched->cancel();
}

}  // namespace

void watch_interrupts(CancelToken& token) {
  watched = &token;
  struct sigaction action {};
  action.sa_handler = reverie_on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  // What a shell or nohup had ignored when it started the program stays so
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction inherited {};
    if (sigaction(number, nullptr, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
      sigaction(number, &action, nullptr);
  }
}

void let_too_large_files_fail() { std::signal(SIGXFSZ, SIG_IGN); }

}  // namespace reverie::cli
