#include "apps/hdf5/limits.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>

namespace reverie::keras {
namespace {

constexpr std::uint64_t megabyte = 1 << 20;

void limit(decltype(RLIMIT_AS) what, std::uint64_t most) {
  rlimit limits;
  if (getrlimit(what, &limits) != 0) return;
  limits.rlim_cur = std::min<rlim_t>(most, limits.rlim_max);
  setrlimit(what, &limits);
}

// Addresses that this process has taken.
std::uint64_t taken_bytes() {
  std::uint64_t pages = 0;
  if (!(std::ifstream("/proc/self/statm") >> pages)) return 256 * megabyte;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Limits::Limits(const std::string& file) {
  struct stat status {};
  ::stat(file.c_str(), &status);
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);

  // What describes the arrays is smaller than the file, and lies in memory a few times over
  memory_ = taken_bytes() + 64 * megabyte + 4 * std::min(file_bytes, 64 * megabyte);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  allow(0);
}

void Limits::allow(std::uint64_t numbers) const {
  // Read, unpacked and converted
  const std::uint64_t bytes = numbers * sizeof(float);
  limit(RLIMIT_AS, memory_ + 4 * bytes);

  // In seconds of computing, of which some are gone
  const auto spent = static_cast<std::uint64_t>(std::clock() / CLOCKS_PER_SEC);
  limit(RLIMIT_CPU, spent + 3 + bytes / (8 * megabyte));
}

}  // namespace reverie::keras
