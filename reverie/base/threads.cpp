#include "reverie/base/threads.h"

#include <fmt/format.h>
#include <omp.h>

#include "reverie/base/error.h"
#include "reverie/base/spinning.h"

namespace reverie {

int thread_count() { return omp_get_max_threads(); }

void set_thread_count(int count) {
  if (count < 1 || count > 1024)
    throw BadRecipe(fmt::format("threads is {}, expected 1 to 1024", count));
  omp_set_num_threads(count);
}

namespace detail {

void run_ranges(std::int64_t count, std::int64_t grain,
                void (*body)(void* context, std::int64_t begin, std::int64_t end), void* context) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  const std::int64_t most = (count + grain - 1) / grain;
  const int threads = static_cast<int>(std::min<std::int64_t>(thread_count(), most));
  if (threads <= 1 || omp_in_parallel()) {
    body(context, 0, count);
    return;
  }
  adapt_spinning();
#pragma omp parallel num_threads(threads)
  {
    const std::int64_t parts = omp_get_num_threads();
    const std::int64_t part = omp_get_thread_num();
    const std::int64_t begin = count * part / parts;
    const std::int64_t end = count * (part + 1) / parts;
    if (begin < end) body(context, begin, end);
  }
}

}  // namespace detail
}  // namespace reverie
