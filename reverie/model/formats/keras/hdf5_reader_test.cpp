// The program that reads HDF5 files, and whatever may come from it instead of an answer.
#include "reverie/model/formats/keras/hdf5_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/model/formats/keras/keras.h"
#include "reverie/model/formats/keras/keras_weights_fixture.h"

namespace reverie::keras {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const fs::path seeds = fs::path(REVERIE_SOURCE_DIR) / "fuzz/seeds/hdf5";
const fs::path corpus = fs::path(REVERIE_SOURCE_DIR) / "tests/corpus/hdf5";

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string head(wire::Verdict verdict, std::uint64_t bytes) {
  return bytes_of(wire::Reply{verdict, 0, bytes});
}
std::string done(std::uint64_t bytes) { return head(wire::Verdict::done, bytes); }

// An open file whose answers are these bytes, whatever is asked; then the other side is gone.
Hdf5File answering(const std::string& bytes) {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Descriptor other(ends[1]);
  EXPECT_EQ(::send(ends[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  ::shutdown(ends[1], SHUT_WR);
  return Hdf5File(Conversation(Descriptor(ends[0]), "net.h5", 10s), 1000);
}

template <class Ask>
void expect_refused(const std::string& answer, Ask ask) {
  const Hdf5File file = answering(answer);
  expect_error<BadModel>([&] { ask(file); }, {"'net.h5' is damaged"});
  expect_error<BadModel>([&] { file.has("/"); }, {"'net.h5' is damaged"});
}
const auto ask_texts = [](const Hdf5File& file) { file.texts("/", "layer_names"); };
const auto ask_extents = [](const Hdf5File& file) { file.extents("a"); };

TEST(Hdf5Answers, ThatAreWhole) {
  EXPECT_TRUE(answering(done(0)).has("a"));
  EXPECT_EQ(answering(done(5) + bytes_of(1u) + "x").text("/", "a"), "x");
  EXPECT_EQ(answering(done(8) + bytes_of(std::int64_t{7})).extents("a"),
            std::vector<std::int64_t>{7});
  std::vector<float> two(2);
  answering(done(4) + bytes_of(1.f) + done(4) + bytes_of(2.f)).read("a", two);
  EXPECT_EQ(two, (std::vector<float>{1, 2}));
}

TEST(Hdf5Answers, CutShort) {
  expect_refused("", ask_texts);
  expect_refused(done(0).substr(0, 7), ask_texts);
  expect_refused(done(100) + bytes_of(3u) + "ab", ask_texts);
  expect_refused(done(16) + bytes_of(std::int64_t{7}), ask_extents);
}

TEST(Hdf5Answers, ThatMakeNoSense) {
  expect_refused("it is not what anybody would call an answer", ask_texts);
  expect_refused(done(1ull << 62), ask_texts);
  expect_refused(done(wire::max_text_bytes + 1), ask_texts);
  expect_refused(done(8) + bytes_of(5u) + "abcd", ask_texts);
  expect_refused(done(2) + "ab", ask_texts);
  expect_refused(head(wire::Verdict::absent, 4) + "abcd", ask_texts);
  expect_refused(done(1ull << 40), ask_extents);
  expect_refused(done(7) + "abcdefg", ask_extents);
  expect_refused(done(8) + bytes_of(std::int64_t{-1}), ask_extents);
  expect_refused(done(8) + bytes_of(wire::max_extent + 1), ask_extents);
}

TEST(Hdf5Answers, MoreNumbersThanThereIsRoomFor) {
  const auto read_two = [](const Hdf5File& file) {
    std::vector<float> two(2);
    file.read("a", two);
  };
  expect_refused(done(12) + std::string(12, 'x'), read_two);
  expect_refused(done(4) + std::string(4, 'x') + done(8) + std::string(8, 'x'), read_two);
  expect_refused(done(0) + done(0) + done(0), read_two);
  expect_error<BadModel>([&] { read_two(answering(head(wire::Verdict::unreadable, 0))); },
                         {"net.h5", "array 'a' cannot be read"});
}

TEST(Hdf5Answers, ArraysThatTheFileCannotHold) {
  expect_error<BadModel>(
      [] { answering(done(8) + bytes_of(std::int64_t{1'000'000})).extents("a"); },
      {"net.h5", "array 'a' is larger than what is stored"});
}

TEST(Hdf5Answers, NamesThatAreTooLong) {
  const Hdf5File file = answering(done(0));
  expect_error<BadModel>([&] { file.has(std::string(1 << 20, 'x')); }, {"name", "too long"});
}

TEST(Hdf5Answers, Silence) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Descriptor other(ends[1]);
  Descriptor ours(ends[0]);
  const Hdf5File file(Conversation(std::move(ours), "net.h5", 50ms), 1000);
  expect_error<BadModel>([&] { file.has("a"); }, {"'net.h5' is damaged", "did not finish reading"});
}

class Hdf5Programs : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "reverie_hdf5_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    open_before_ = open_descriptors();
  }
  void TearDown() override {
    fs::remove_all(root_);
    EXPECT_EQ(open_descriptors(), open_before_);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a process is left";
    EXPECT_EQ(errno, ECHILD);
  }

  static std::ptrdiff_t open_descriptors() {
    return std::distance(fs::directory_iterator("/proc/self/fd"), {});
  }

  fs::path script(const std::string& text) {
    const fs::path path = root_ / "program";
    std::ofstream(path) << "#!/bin/sh\n" << text << '\n';
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  fs::path root_;
  std::ptrdiff_t open_before_ = 0;
};

TEST_F(Hdf5Programs, ThatDoNotRun) {
  const fs::path none = root_ / "none";
  expect_error<FileFailure>([&] { Hdf5Reader reader(none); }, {none.string(), "No such file"});
  for (const char* text : {"exit 0", "echo hello >&0", "kill -9 $$"}) {
    const fs::path path = script(text);
    expect_error<FileFailure>([&] { Hdf5Reader reader(path); }, {path.string(), "does not start"});
  }
  const fs::path silent = script("exec sleep 100");
  expect_error<FileFailure>([&] { Hdf5Reader reader(silent, 50ms); }, {"does not start"});
}

TEST_F(Hdf5Programs, ThatGreetAndNoMore) {
  const std::string greet = "printf '" + std::string(wire::greeting) + "' >&0\n";
  const Hdf5Reader silent(script(greet + "exec sleep 100"), 100ms);
  expect_error<BadModel>([&] { Hdf5File(seeds / "model.h5", silent); },
                         {"model.h5' is damaged", "did not finish reading"});
  const Hdf5Reader gone(script(greet));
  expect_error<Error>([&] { Hdf5File(seeds / "model.h5", gone); }, {"model.h5"});
}

TEST_F(Hdf5Programs, OneForManyFiles) {
  const Hdf5Reader reader;
  const Hdf5File model(seeds / "model.h5", reader), weights(seeds / "weights.h5", reader);
  EXPECT_TRUE(model.text("/", "model_config"));
  EXPECT_FALSE(weights.text("/", "model_config"));
  EXPECT_TRUE(weights.has("/c/c/kernel:0"));
  EXPECT_FALSE(weights.has("/c/no/kernel:0"));
  EXPECT_EQ(weights.extents("/c/c/kernel:0"), (std::vector<std::int64_t>{1, 1, 3, 2}));
  expect_error<BadModel>([&] { weights.extents("/c/no"); }, {"weights.h5", "no array '/c/no'"});
  std::vector<float> numbers(6), more(7);
  weights.read("/c/c/kernel:0", numbers);
  EXPECT_EQ(numbers, std::vector<float>(6, 1));
  expect_error<BadModel>([&] { weights.read("/c/c/kernel:0", more); }, {"cannot be read"});
  EXPECT_EQ(weights.texts("/", "layer_names"), (std::vector<std::string>{"c", "n"}));
  expect_error<BadModel>([&] { Hdf5File(root_ / "none.h5", reader); }, {"none.h5"});
}

TEST_F(Hdf5Programs, ThatEndInTheMiddle) {
  auto reader = std::make_unique<Hdf5Reader>();
  const Hdf5File file(seeds / "model.h5", *reader);
  EXPECT_TRUE(file.has("/model_weights"));
  reader.reset();
  expect_error<BadModel>([&] { file.has("/model_weights"); }, {"model.h5' is damaged"});
}

TEST_F(Hdf5Programs, FilesThatBreakHdf5) {
  const Hdf5Reader reader;
  int files = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    const auto start = std::chrono::steady_clock::now();
    try {
      read_keras(Hdf5File(entry.path(), reader));  // what comes of freed memory may look whole
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2);
  EXPECT_EQ(read_keras(Hdf5File(seeds / "model.h5", reader)).graph.layers.size(),
            read_keras(seeds / "model.h5").graph.layers.size());
}

TEST_F(Hdf5Programs, TwoThreadsAtOnce) {
  const auto layers_of = [](const char* name) {
    std::size_t layers = 0;
    for (int i = 0; i < 5; ++i) layers += read_keras(seeds / name).graph.layers.size();
    return layers;
  };
  const std::size_t expected = layers_of("model.h5");
  std::size_t first = 0, second = 0;
  std::thread other([&] { second = layers_of("model.h5"); });
  first = layers_of("model.h5");
  other.join();
  EXPECT_GT(first, 0u);
  EXPECT_EQ(first, expected);
  EXPECT_EQ(second, expected);
}

}  // namespace
}  // namespace reverie::keras
