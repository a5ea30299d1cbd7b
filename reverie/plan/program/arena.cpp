#include "reverie/plan/program/arena.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <numeric>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "reverie/base/error.h"

namespace reverie::program {
namespace {

constexpr std::size_t buffer_alignment = 4096;
constexpr std::size_t page_alignment = std::size_t{1} << 21;

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

int ArenaPlanner::add(std::size_t bytes) {
  uses_.push_back({round_up(std::max<std::size_t>(bytes, 1), buffer_alignment), 0, -1, -1});
  return static_cast<int>(uses_.size()) - 1;
}

void ArenaPlanner::touch(int buffer, int time) {
  Use& use = uses_[static_cast<std::size_t>(buffer)];
  use.first = use.first < 0 ? time : std::min(use.first, time);
  use.last = std::max(use.last, time);
}

std::size_t ArenaPlanner::place() {
  std::vector<std::size_t> order(uses_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return uses_[a].bytes > uses_[b].bytes; });
  std::vector<const Use*> placed;  // by offset
  std::size_t needed = 0;
  for (std::size_t index : order) {
    Use& use = uses_[index];
    if (use.first < 0) continue;

    // The lowest gap between the neighbours in time
    std::size_t offset = 0;
    for (const Use* other : placed) {
      if (other->last < use.first || use.last < other->first) continue;
      if (offset + use.bytes <= other->offset) break;
      offset = std::max(offset, other->offset + other->bytes);
    }
    use.offset = offset;
    needed = std::max(needed, offset + use.bytes);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), &use,
                         [](const Use* a, const Use* b) { return a->offset < b->offset; }),
        &use);
  }
  return needed;
}

std::size_t ArenaMemory::whole_pages(std::size_t bytes) { return round_up(bytes, page_alignment); }

ArenaMemory::ArenaMemory(std::size_t bytes) : bytes_(whole_pages(bytes)) {
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(page_alignment, bytes_));
  if (!memory)
    throw OutOfMemory(fmt::format(
        "a plan needs {:.0f} MB, more than the system has; use a smaller picture or tiles",
        static_cast<double>(bytes_) * 1e-6));
  data_.reset(memory);
#ifdef __linux__
  madvise(memory, bytes_, MADV_HUGEPAGE);
#endif
}

void ArenaMemory::Free::operator()(std::byte* p) const { std::free(p); }

}  // namespace reverie::program
