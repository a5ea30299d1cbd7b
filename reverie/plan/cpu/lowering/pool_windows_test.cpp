// What an average divides by at the edges.
#include "reverie/plan/cpu/lowering/pool_windows.h"

#include <gtest/gtest.h>

#include "reverie/graph/trial_window.h"

namespace reverie::cpu {
namespace {

Pool average(Window window, bool count_padding) {
  Pool pool;
  pool.kind = Pool::Kind::average;
  pool.window = window;
  pool.count_padding = count_padding;
  return pool;
}

TEST(PoolWindows, PaddingCountsOrNot) {
  const Shape in{4, 6, 5}, out{4, 3, 3};
  const auto [rows, columns] = pool_divisors(average(square(3, 2, 1), false), in, out);
  EXPECT_EQ(rows, (std::vector<int>{2, 3, 3}));
  EXPECT_EQ(columns, (std::vector<int>{2, 3, 2}));
  const auto [all_rows, all_columns] = pool_divisors(average(square(3, 2, 1), true), in, out);
  EXPECT_EQ(all_rows, (std::vector<int>{3, 3, 3}));
  EXPECT_EQ(all_columns, (std::vector<int>{3, 3, 3}));
}

// Rounded up, a window can reach behind the padding; those taps never count.
TEST(PoolWindows, BeyondThePaddingNothingCounts) {
  const Shape in{4, 6, 6}, out{4, 4, 4};
  const auto [rows, columns] = pool_divisors(average(square(3, 2, 1), true), in, out);
  EXPECT_EQ(rows, (std::vector<int>{3, 3, 3, 2}));
  EXPECT_EQ(columns, rows);
}

TEST(PoolWindows, AGlobalPoolIsOneWindow) {
  Pool pool = average({}, true);
  pool.global = true;
  const PoolGeometry g = pool_geometry(pool, {4, 6, 5}, {4, 1, 1}, 1);
  EXPECT_EQ(g.kernel_h, 6);
  EXPECT_EQ(g.kernel_w, 5);
  EXPECT_EQ(pool_divisors(pool, {4, 6, 5}, {4, 1, 1}).first, std::vector<int>{6});
}

TEST(PoolWindows, NumbersOfTapsThatNeedMoreThanAByte) {
  PoolGeometry g;
  g.kernel_h = 15;
  g.kernel_w = 17;
  EXPECT_FALSE(has_wide_argmax(g));
  g.kernel_h = g.kernel_w = 16;
  EXPECT_TRUE(has_wide_argmax(g));
}

}  // namespace
}  // namespace reverie::cpu
