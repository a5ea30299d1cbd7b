#include "reverie/ascent/fourier_planner.h"

namespace reverie {

std::mutex& fourier_planner() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace reverie
