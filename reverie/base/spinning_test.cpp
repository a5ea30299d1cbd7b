#include "reverie/base/spinning.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "reverie/base/threads.h"

namespace reverie::detail {
namespace {

TEST(LoadMeter, IsBusyAtOnceAndQuietAfterHalfASecond) {
  LoadMeter meter;
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(meter.update(0.001, 0.02));
  EXPECT_TRUE(meter.update(0.004, 0.02));
  for (int i = 0; i < 24; ++i) EXPECT_TRUE(meter.update(0, 0.02)) << i;
  EXPECT_FALSE(meter.update(0, 0.03));
}

TEST(LoadMeter, StaysBusyWhileALittleIsLost) {
  LoadMeter meter;
  meter.update(0.01, 0.02);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(meter.update(0.001, 0.02)) << i;
}

// The processor time that this process takes while there is nothing to do between two loops, and
// with that of the loops
double idle_ms() {
  const int before = thread_count();
  set_thread_count(2);
  const auto used_ms = [] { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  const double begin = used_ms();
  for (int i = 0; i < 20; ++i) {
    parallel_for(2, 1, [](std::int64_t, std::int64_t) {});
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  set_thread_count(before);
  return used_ms() - begin;
}

TEST(ShortSpinning, LetsThreadsSleepSoonAfterALoop) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "needs two processors";
#ifdef __clang__
  GTEST_SKIP() << "it is a rule of GNU's OpenMP, and this build runs on LLVM's";
#endif
  for (int again = 0; again < 2; ++again) {
    const ShortSpinning until_the_end;
    // The team is made by another thread, so the first loops may come before it
    idle_ms();
    EXPECT_LT(idle_ms(), 40);
  }
}

}  // namespace
}  // namespace reverie::detail
