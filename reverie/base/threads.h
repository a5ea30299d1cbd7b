// threads.h: loops and sums over many elements by all threads, with results that do not depend on
// the number of threads.
//
// The threads are OpenMP's, which oneDNN uses too, so that no two pools compete for cores.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The number of threads that loops use; by default that of the processors it may use.
int thread_count();

// Sets it for the calling thread's later loops. Errors: BadRecipe when count is not in 1..1024.
void set_thread_count(int count);

namespace detail {
// Calls body(context, begin, end) on consecutive ranges that cover 0..count, in parallel.
void run_ranges(std::int64_t count, std::int64_t grain,
                void (*body)(void* context, std::int64_t begin, std::int64_t end), void* context);
}  // namespace detail

// Calls body(begin, end) for consecutive ranges that cover 0..count, each of at least `grain`
// elements (the last may be shorter), in parallel. body must not throw, and ranges must not touch
// each other.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  detail::run_ranges(
      count, grain,
      [](void* context, std::int64_t begin, std::int64_t end) {
        (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end);
      },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// The sum of term(begin, end) over fixed blocks of 0..count, added up in order: the same bits at
// any thread count. term returns the double-precision sum over its range.
template <class Term>
double parallel_sum(std::int64_t count, Term&& term) {
  constexpr std::int64_t block = 1 << 15;
  const std::int64_t blocks = (count + block - 1) / block;
  std::vector<double> partial(static_cast<std::size_t>(blocks));
  parallel_for(blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b)
      partial[static_cast<std::size_t>(b)] = term(b * block, std::min(count, (b + 1) * block));
  });
  double sum = 0;
  for (double p : partial) sum += p;
  return sum;
}

}  // namespace reverie
