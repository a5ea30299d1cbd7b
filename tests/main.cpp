// The main function of every test program: GoogleTest's, which says to ctest when nothing was
// tested.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <string>

namespace {

constexpr int nothing_tested = 77;  // CTest's SKIP_RETURN_CODE in cmake/stage.cmake

// Why tests were skipped, each reason once.
std::set<std::string> reasons(const testing::UnitTest& all) {
  std::set<std::string> found;
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestResult& result = *suite.GetTestInfo(t)->result();
      for (int part = 0; part < result.total_part_count(); ++part)
        if (result.GetTestPartResult(part).skipped())
          found.insert(result.GetTestPartResult(part).message());
    }
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int status = RUN_ALL_TESTS();
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  const int skipped = all.skipped_test_count();
  if (status != 0 || skipped == 0 || skipped < all.test_to_run_count()) return status;
  for (const std::string& reason : reasons(all)) std::printf("SKIPPED: %s\n", reason.c_str());
  return nothing_tested;
}
