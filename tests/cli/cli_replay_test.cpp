// Dreams that an earlier program made come out the same: see tests/replay/README.md.
#include "reverie/codec/image/image_file.h"
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

const fs::path dreams = fs::path(REVERIE_SOURCE_DIR) / "tests/replay";

bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

class Replay : public ProgramTest {
 protected:
  void SetUp() override {
    if (!has_avx2()) GTEST_SKIP() << "the dreams were made by the kernels of AVX2";
    ProgramTest::SetUp();
    for (const char* name : {"scene.png", "guide.png", "mask.png"})
      fs::copy(dreams / name, folder_ / name);
  }
  // How many samples of two pictures differ.
  static std::int64_t different(const fs::path& a, const fs::path& b) {
    const Image one = read_image(a), other = read_image(b);
    if (one.color.shape() != other.color.shape()) return one.color.size();
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < one.color.size(); ++i) count += one.color[i] != other.color[i];
    return count;
  }
  Finished redo(const fs::path& dream, const std::string& output) const {
    return reverie_by("DNNL_MAX_CPU_ISA=AVX2 \"$@\"",
                      {"redo", dream.string(), "-o", output, "--input", "scene.png", "--threads",
                       "2", "--model", (dreams / "reverie-3.safetensors").string()});
  }
};

TEST_F(Replay, OldRecipesGiveTheSamePictures) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(dreams)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("dream_")) continue;
    ++count;
    const Finished finished = redo(entry.path(), name);
    ASSERT_EQ(finished.status, 0) << name << ": " << finished.err;
    EXPECT_EQ(different(folder_ / name, entry.path()), 0) << name;
  }
  EXPECT_EQ(count, 40);
}

TEST_F(Replay, OfANetworkThatIsNotInsideAnyMoreIsRefused) {
  expect_refusal(
      {"redo", (dreams / "dream_classic.png").string(), "-o", "x.png", "--input", "scene.png"}, 1,
      {"reverie-3", "not inside the program any more", "--model reverie-4"});
}

TEST_F(Replay, AnOldZoomHasTheSameFrames) {
  const Finished finished = redo(dreams / "zoom/frame_000003.png", "zoom");
  ASSERT_EQ(finished.status, 0) << finished.err;
  for (int frame = 0; frame < 4; ++frame) {
    const std::string name = "zoom/frame_00000" + std::to_string(frame) + ".png";
    EXPECT_EQ(different(folder_ / name, dreams / name), 0) << name;
  }
}

}  // namespace
}  // namespace reverie::test
