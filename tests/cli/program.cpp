#include "tests/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace reverie::test {
namespace {

void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

// Appends what can be read without waiting; closes and forgets the pipe at its end.
void drain(int& fd, std::string& text) {
  char block[4096];
  const ssize_t got = ::read(fd, block, sizeof block);
  if (got > 0) {
    text.append(block, static_cast<std::size_t>(got));
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    ::close(fd);
    fd = -1;
  }
}

}  // namespace

nlohmann::json Finished::json() const {
  try {
    return nlohmann::json::parse(out);
  } catch (const nlohmann::json::exception& error) {
    ADD_FAILURE() << "standard output is not one JSON value: " << error.what() << "\n"
                  << out << err;
    return {};
  }
}

Running::Running(const std::vector<std::string>& command, const fs::path& folder,
                 const std::string& standard_input)
    : to_write_(standard_input) {
  std::signal(SIGPIPE, SIG_IGN);
  int in[2], out[2], err[2];
  must(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0 && ::pipe2(err, O_CLOEXEC) == 0,
       "pipe");
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  // fork and not posix_spawn: C++20's oldest C library here has no spawn that changes the folder
  pid_ = ::fork();
  must(pid_ >= 0, "fork");
  if (pid_ == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    if (::chdir(folder.c_str()) == 0) ::execvp(words[0], words.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
  for (int fd : {in_, out_, err_}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int fd : {in_, out_, err_})
    if (fd >= 0) ::close(fd);
}

bool Running::pump(int timeout_ms) {
  pollfd pipes[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}};
  if (out_ < 0 && err_ < 0) return false;
  ::poll(pipes, 3, timeout_ms);
  if (pipes[0].revents) drain(out_, finished_.out);
  if (pipes[1].revents) drain(err_, finished_.err);
  if (in_ >= 0 && (pipes[2].revents || to_write_.empty())) {
    const ssize_t put = to_write_.empty() ? -1 : ::write(in_, to_write_.data(), to_write_.size());
    if (put > 0) to_write_.erase(0, static_cast<std::size_t>(put));
    if (to_write_.empty() || (put < 0 && errno != EAGAIN)) {
      ::close(in_);
      in_ = -1;
    }
  }
  return true;
}

bool Running::wait_for_error_text(const std::string& text) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (finished_.err.find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > end || !pump(100)) return false;
  }
  return true;
}

void Running::send(int signal) const { ::kill(pid_, signal); }

Finished Running::finish() {
  while (pump(1000)) {
  }
  int state = 0;
  ::waitpid(pid_, &state, 0);
  pid_ = -1;
  finished_.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  return finished_;
}

void ProgramTest::SetUp() {
  std::string name = (fs::temp_directory_path() / "reverie-cli-XXXXXX").string();
  must(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  folder_ = name;

  // Neither the user's networks nor their language take part
  ::setenv("REVERIE_MODELS", (folder_ / "no-models").c_str(), 1);
  ::setenv("LC_ALL", "C", 1);
  // Threads that spin while they wait slow everything down where several tests run at once
  ::setenv("OMP_WAIT_POLICY", "passive", 1);
}

void ProgramTest::TearDown() { fs::remove_all(folder_); }

Finished ProgramTest::reverie(const std::vector<std::string>& arguments,
                              const std::string& standard_input) const {
  std::vector<std::string> command{REVERIE_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Running(command, folder_, standard_input).finish();
}

Finished ProgramTest::reverie_by(const std::string& script,
                                 const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{"sh", "-c", script, "sh", REVERIE_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Running(command, folder_).finish();
}

void ProgramTest::make_scene(const std::string& name, const std::string& size) const {
  const Finished scene = reverie({"scene", "-o", name, "--size", size});
  ASSERT_EQ(scene.status, 0) << scene.err;
}

void ProgramTest::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(folder_ / name, std::ios::binary) << bytes;
}

std::string ProgramTest::read(const std::string& name) const {
  std::ifstream file(folder_ / name, std::ios::binary);
  EXPECT_TRUE(file) << "no file " << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, std::string> ProgramTest::files_in(const std::string& folder) const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder_ / folder)) {
    const std::string name = entry.path().filename().string();
    files[name] = read(folder + "/" + name);
  }
  return files;
}

std::map<std::string, std::string> ProgramTest::snapshot() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    const std::string name = fs::relative(entry.path(), folder_).string();
    files[name] =
        entry.is_regular_file() && ::access(entry.path().c_str(), R_OK) == 0 ? read(name) : "";
  }
  return files;
}

void ProgramTest::expect_refusal(const std::vector<std::string>& arguments, int status,
                                 const std::vector<std::string>& texts,
                                 const std::string& standard_input) const {
  const auto before = snapshot();
  const Finished refused = reverie(arguments, standard_input);
  EXPECT_EQ(refused.status, status) << refused.err;
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err.rfind("reverie: ", 0), 0u) << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  for (const std::string& text : texts)
    EXPECT_NE(refused.err.find(text), std::string::npos)
        << "expected '" << text << "' in: " << refused.err;
  EXPECT_TRUE(snapshot() == before) << "a file was written or changed";
}

std::string test_data(const std::string& name) {
  const fs::path path = fs::path(REVERIE_TEST_DATA) / name;
  return fs::exists(path) ? path.string() : "";
}

const std::vector<std::string>& short_dream() {
  static const std::vector<std::string> options{"--octaves", "2", "--iterations", "2"};
  return options;
}

}  // namespace reverie::test
