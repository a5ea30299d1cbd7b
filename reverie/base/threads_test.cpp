#include "reverie/base/threads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(Threads, EveryElementOnce) {
  for (std::int64_t count : {0, 1, 2, 3, 100, 4097}) {
    std::vector<int> visits(static_cast<std::size_t>(count));
    parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
    });
    for (int v : visits) ASSERT_EQ(v, 1);
  }
}

TEST(Threads, SumHasTheSameBitsAtAnyThreadCount) {
  std::vector<float> values(1'000'003);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(static_cast<float>(i)) * 1e3f;
  const auto sum = [&] {
    return parallel_sum(static_cast<std::int64_t>(values.size()),
                        [&](std::int64_t begin, std::int64_t end) {
                          double s = 0;
                          for (std::int64_t i = begin; i < end; ++i)
                            s += values[static_cast<std::size_t>(i)];
                          return s;
                        });
  };
  const int before = thread_count();
  set_thread_count(1);
  const double one = sum();
  set_thread_count(7);
  const double seven = sum();
  set_thread_count(before);
  EXPECT_EQ(one, seven);
}

TEST(Threads, RejectsACountOutOfRange) {
  EXPECT_THROW(set_thread_count(0), BadRecipe);
  EXPECT_THROW(set_thread_count(5000), BadRecipe);
}

}  // namespace
}  // namespace reverie
