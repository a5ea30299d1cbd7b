// What the README says about the options is what the program says.
#include <fstream>
#include <iterator>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Readme : public ProgramTest {};

TEST_F(Readme, TableOfOptionsIsTheProgramsOwn) {
  std::ifstream file(REVERIE_SOURCE_DIR "/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  const std::string table = reverie({"options", "--markdown"}).out;
  ASSERT_FALSE(table.empty());
  EXPECT_NE(readme.find(table), std::string::npos)
      << "README.md does not hold the table that `reverie options --markdown` prints:\n"
      << table;
}

}  // namespace
}  // namespace reverie::test
