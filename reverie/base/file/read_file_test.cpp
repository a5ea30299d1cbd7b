#include "reverie/base/file/read_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "reverie/base/descriptor.h"
#include "reverie/base/error.h"

namespace reverie {
namespace {

const std::filesystem::path folder = ::testing::TempDir();

std::string message_of(const std::filesystem::path& path, std::string_view kind = "") {
  try {
    read_file(path, kind);
  } catch (const FileFailure& failure) {
    return failure.what();
  }
  return "read";
}

TEST(ReadFile, GivesEveryByte) {
  // More than one block, with bytes that a text mode would change
  std::string bytes("a\r\n\0\x1a\xff", 6);
  for (const std::size_t size : {0, 6, 1 << 16, (3 << 16) + 5}) {
    std::string content;
    while (content.size() < size) content += bytes;
    content.resize(size);
    std::ofstream(folder / "content", std::ios::binary) << content;
    EXPECT_EQ(read_file(folder / "content"), content) << size;
  }
}

TEST(ReadFile, ReadsFromAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor from(ends[0]);
  {
    const Descriptor to(ends[1]);
    ASSERT_EQ(::write(to.get(), "piped", 5), 5);
  }
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(from.get())), "piped");
}

TEST(ReadFile, ReadsStandardInput) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "typed", 5), 5);
  ::close(ends[1]);
  const Descriptor kept(::dup(STDIN_FILENO));
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  EXPECT_EQ(read_standard_input(), "typed");
  ::close(STDIN_FILENO);
  EXPECT_THROW(read_standard_input(), FileFailure);
  if (kept.get() >= 0) ::dup2(kept.get(), STDIN_FILENO);
}

TEST(ReadFile, SaysWhatCannotBeRead) {
  const std::string absent = (folder / "absent").string();
  EXPECT_EQ(message_of(absent), "cannot read '" + absent + "': No such file or directory");
  EXPECT_EQ(message_of(absent, "recipe file"),
            "cannot read recipe file '" + absent + "': No such file or directory");
  EXPECT_EQ(message_of("/"), "cannot read '/': Is a directory");
}

}  // namespace
}  // namespace reverie
