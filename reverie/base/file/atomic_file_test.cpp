#include "reverie/base/file/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "reverie_atomic_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const FileFailure& failure) {
    return failure.what();
  }
  return "no failure";
}

// The largest size of a file while a test runs: what a full disk does, without one.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(AtomicFiles, AppearOnlyWhenCommitted) {
  const fs::path path = folder_ / "result";
  {
    AtomicFile file(path);
    file.write("one ");
    file.write(std::as_bytes(std::span("two", 3)));
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(file.temporary_path().parent_path(), folder_);
    file.commit(false);
  }
  EXPECT_EQ(read_file(path), "one two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFiles, AreRemovedWithoutCommit) {
  {
    AtomicFile file(folder_ / "result");
    file.write("half");
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(AtomicFiles, LeaveAnExistingFileUnlessTold) {
  const fs::path path = folder_ / "result";
  write_atomically(path, "first", false);
  const auto again = [&] { write_atomically(path, "second", false); };
  EXPECT_NE(message_of(again).find("result: exists already"), std::string::npos);

  // One that appeared since the check
  EXPECT_NE(message_of([&] { AtomicFile(path).commit(false); }).find("result: exists already"),
            std::string::npos);
  EXPECT_EQ(read_file(path), "first");
  write_atomically(path, "second", true);
  EXPECT_EQ(read_file(path), "second");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFiles, LeaveTheOldContentWhenTheDiskIsFull) {
  const fs::path path = folder_ / "result";
  write_atomically(path, "old", false);
  {
    const SizeLimit limit(4096);
    const auto overwrite = [&] { write_atomically(path, std::string(5000, 'x'), true); };
    EXPECT_EQ(message_of(overwrite), path.string() + ": cannot be written (File too large)");
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(message_of([] { write_atomically("/dev/full", "x", true); }),
            "/dev/full: cannot be written (No space left on device)");
}

TEST_F(AtomicFiles, ReplaceWhatALinkPointsTo) {
  fs::create_directory(folder_ / "real");
  write_atomically(folder_ / "real" / "file", "old", false);
  fs::create_symlink("real/file", folder_ / "link");
  write_atomically(folder_ / "link", "new", true);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "real" / "file"), "new");
}

TEST_F(AtomicFiles, SayWhereTheyCannotBeWritten) {
  EXPECT_NE(message_of([&] {
              check_output_file(folder_ / "no" / "file", true);
            }).find("the folder " + (folder_ / "no").string() + " does not exist"),
            std::string::npos);
  EXPECT_NE(message_of([&] { check_output_file(folder_, true); }).find("is a folder, expected"),
            std::string::npos);
  write_atomically(folder_ / "file", "", false);
  EXPECT_NE(
      message_of([&] { check_output_file(folder_ / "file" / "x", true); }).find("is not a folder"),
      std::string::npos);
  if (::geteuid() == 0) return;  // who may write everywhere
  fs::create_directory(folder_ / "locked");
  fs::permissions(folder_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_NE(
      message_of([&] { check_output_file(folder_ / "locked" / "x", true); }).find("no permission"),
      std::string::npos);
}

TEST_F(AtomicFiles, FinishedOnesReplaceOthers) {
  write_atomically(folder_ / "new", "new", false);
  write_atomically(folder_ / "old", "old", false);
  replace_file(folder_ / "new", folder_ / "old");
  EXPECT_EQ(read_file(folder_ / "old"), "new");
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(message_of([&] { replace_file(folder_ / "new", folder_ / "old"); }),
            (folder_ / "old").string() + ": cannot be written (No such file or directory)");
  EXPECT_EQ(read_file(folder_ / "old"), "new");
}

TEST_F(AtomicFiles, OfDeadProgramsAreRemoved) {
  const AtomicFile of_this_one(folder_ / "result");
  // No process has this number: the kernel's are below 2^22
  for (const char* name : {".reverie-2147483647-0.part", ".reverie-2147483647-0.part.txt", "other"})
    write_atomically(folder_ / name, "", false);
  remove_abandoned_files(folder_);
  EXPECT_FALSE(fs::exists(folder_ / ".reverie-2147483647-0.part"));
  EXPECT_TRUE(fs::exists(of_this_one.temporary_path()));
  EXPECT_EQ(files(), 3u);
}

}  // namespace
}  // namespace reverie
