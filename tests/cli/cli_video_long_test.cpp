// A long film takes no more memory than a short one.
#include <sys/resource.h>

#include "tests/cli/film_fixture.h"

namespace reverie::test {
namespace {

class LongFilmTest : public FilmProgramTest {
 protected:
  // The most memory that a run so far has held, in MB.
  static double peak_mb() {
    struct rusage usage;
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
  }

  void dream(int frames) const {
    const std::string name = std::to_string(frames) + ".mkv";
    make_film(name, frames, 1000000, 32, 32);
    const Finished finished =
        reverie(short_video(name, "dream-" + name, {"--every", "50", "--flow", "fast", "--json"}));
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.json()["frames"], frames);
  }
};

TEST_F(LongFilmTest, TenThousandFramesInTheMemoryOfAThousand) {
  dream(1000);
  const double few = peak_mb();
  dream(10000);
  EXPECT_LT(peak_mb() - few, 24) << "after " << few << " MB";
  RecordProperty("peak_mb", std::to_string(peak_mb()));
  std::printf("peak: %.0f MB with 1000 frames, %.0f MB with 10000\n", few, peak_mb());
}

}  // namespace
}  // namespace reverie::test
