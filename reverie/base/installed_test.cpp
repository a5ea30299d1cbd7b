#include "reverie/base/installed.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(Installed, OwnFolderIsTheTests) {
  EXPECT_TRUE(std::filesystem::exists(own_folder() + "installed_test")) << own_folder();
}

TEST(Installed, Programs) {
  EXPECT_EQ(find_program("installed_test"), own_folder() + "installed_test");
  try {
    find_program("no-such-program");
    ADD_FAILURE() << "found";
  } catch (const FileFailure& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-program'"), std::string::npos);
  }
}

}  // namespace
}  // namespace reverie
