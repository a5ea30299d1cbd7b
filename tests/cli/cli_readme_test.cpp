// What the manual says about the settings is what the program says.
#include <fstream>
#include <iterator>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Manual : public ProgramTest {};

TEST_F(Manual, SettingsAreTheProgramsOwn) {
  std::ifstream file(REVERIE_SOURCE_DIR "/docs/settings.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(manual, reverie({"options", "--markdown"}).out)
      << "docs/settings.md is not current: reverie options --markdown > docs/settings.md";
}

}  // namespace
}  // namespace reverie::test
