// fourier_planner.h: FFTW's planner, which is one for the whole process. Internal to the library.
#pragma once

#include <mutex>

namespace reverie {

// Locked while plans of FFTW are made or destroyed; executing them needs no lock.
std::mutex& fourier_planner();

}  // namespace reverie
