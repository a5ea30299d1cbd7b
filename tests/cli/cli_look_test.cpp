// Settings that say what of a picture stays and what dreams, as a user gives them.
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Look : public ProgramTest {
 protected:
  // Dreams sky.png shortly into `output`, with these options.
  void dream(const std::string& output, std::vector<std::string> options) const {
    options.insert(options.begin(), {"image", "sky.png", "-o", output, "--overwrite"});
    options.insert(options.end(), short_dream().begin(), short_dream().end());
    const Finished finished = reverie(options);
    ASSERT_EQ(finished.status, 0) << finished.err;
  }
};

TEST_F(Look, HoldIsASettingThatChangesThePicture) {
  make_scene("sky.png");
  dream("free.png", {});
  dream("held.png", {"--hold", "tone"});
  dream("none.png", {"--hold", "none"});
  EXPECT_NE(read("held.png"), read("free.png"));
  EXPECT_EQ(read("none.png"), read("free.png"));
  EXPECT_EQ(reverie({"recipe", "held.png"}).json()["recipe"]["hold"], "tone");
  expect_refusal({"image", "sky.png", "--hold", "all"}, 2, {"--hold", "none, mean, tone"});
}

}  // namespace
}  // namespace reverie::test
