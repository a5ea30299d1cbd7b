// A long video takes no more memory than a short one. 10,000 frames take minutes: they are asked
// for by REVERIE_LONG_TESTS=1, and every run takes 1,500 against 150.
#include <sys/resource.h>

#include <cstdlib>

#include "tests/cli/video_fixture.h"

namespace reverie::test {
namespace {

class LongVideoTest : public VideoProgramTest {
 protected:
  // The most memory that a run so far has held, in MB.
  static double peak_mb() {
    struct rusage usage;
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
  }

  void dream(int frames) const {
    const std::string name = std::to_string(frames) + ".mkv";
    make_video(name, frames, 1000000, 32, 32);
    const Finished finished =
        reverie(short_video(name, "dream-" + name, {"--every", "50", "--flow", "fast", "--json"}));
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.json()["frames"], frames);
  }

  void expect_flat(int few, int many) const {
    dream(few);
    const double before = peak_mb();
    dream(many);
    EXPECT_LT(peak_mb() - before, 24) << "after " << before << " MB";
    std::printf("peak: %.0f MB with %d frames, %.0f MB with %d\n", before, few, peak_mb(), many);
  }
};

TEST_F(LongVideoTest, TenTimesTheFramesInTheSameMemory) { expect_flat(150, 1500); }

TEST_F(LongVideoTest, TenThousandFramesInTheMemoryOfAThousand) {
  if (std::getenv("REVERIE_LONG_TESTS") == nullptr)
    GTEST_SKIP() << "takes minutes; REVERIE_LONG_TESTS=1 runs it";
  expect_flat(1000, 10000);
}

}  // namespace
}  // namespace reverie::test
