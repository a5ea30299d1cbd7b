// Three programs in one, for tests/skip_test.cmake: which of its cases are skipped is in the
// environment.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

// REVERIE_SKIPPED is "none", "one" or "all".
bool is_skipped(const std::string& least) {
  const char* const skipped = std::getenv("REVERIE_SKIPPED");
  return skipped != nullptr && (std::string(skipped) == "all" || skipped == least);
}

TEST(Skip, First) {
  if (is_skipped("one")) GTEST_SKIP() << "no test data in this folder";
}

TEST(Skip, Second) {
  if (is_skipped("all")) GTEST_SKIP() << "no test data in this folder";
}

}  // namespace
