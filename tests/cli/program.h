// program.h: runs the built program as a user does.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reverie::test {

namespace fs = std::filesystem;

// What a finished program left.
struct Finished {
  int status = -1;  // exit status; 128 + signal when one ended it
  std::string out, err;

  // `out` as JSON; a failure of the test when it is anything else.
  nlohmann::json json() const;
};

// A running program. Standard output and error are pipes that this reads.
class Running {
 public:
  // `command` is looked up in PATH when it holds no '/'. `folder` becomes its current one.
  Running(const std::vector<std::string>& command, const fs::path& folder,
          const std::string& standard_input = {});
  ~Running();
  Running(const Running&) = delete;

  // Reads standard error until it holds `text`, for at most a minute. False when it ended before.
  bool wait_for_error_text(const std::string& text);
  void send(int signal) const;
  Finished finish();

 private:
  // Reads what there is; false at the end of both pipes.
  bool pump(int timeout_ms);

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  std::string to_write_;
  Finished finished_;
};

// A folder of its own for each test, removed afterwards; the program runs in it.
class ProgramTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Runs `reverie arguments...`.
  Finished reverie(const std::vector<std::string>& arguments,
                   const std::string& standard_input = {}) const;
  // The same through `sh -c script`, where "$@" is the program and its arguments.
  Finished reverie_by(const std::string& script, const std::vector<std::string>& arguments) const;

  // Renders an example scene by the program itself.
  void make_scene(const std::string& name, const std::string& size = "96x80") const;
  void write(const std::string& name, const std::string& bytes) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const { return fs::exists(folder_ / name); }

  // What lies in a folder below, by name.
  std::map<std::string, std::string> files_in(const std::string& folder) const;

  // Every file in the folder with its content, to see that nothing has changed.
  std::map<std::string, std::string> snapshot() const;

  // Runs and expects: this exit status, one line on standard error that holds every one of `texts`,
  // nothing on standard output, and not a file changed.
  void expect_refusal(const std::vector<std::string>& arguments, int status,
                      const std::vector<std::string>& texts,
                      const std::string& standard_input = {}) const;

  fs::path folder_;
};

// A file below the tests' data, or "" when that is not on this machine.
std::string test_data(const std::string& name);

// Options that make a dream short.
const std::vector<std::string>& short_dream();

}  // namespace reverie::test
