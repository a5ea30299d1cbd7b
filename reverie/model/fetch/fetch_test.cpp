#include "reverie/model/fetch/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/model/fetch/web_server_fixture.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using fetch::TestAnswer;
using fetch::TestRequest;
using fetch::TestServer;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string sum(const std::string& text) {
  return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

ZooFile file_of(const std::string& name, const std::string& body) {
  ZooFile file;
  file.name = name;
  file.bytes = body.size();
  file.checksum = {Checksum::Kind::sha256, sum(body)};
  return file;
}

class Fetching : public ::testing::Test {
 protected:
  Fetching() {
    for (int i = 0; i < 50000; ++i) weights_.push_back(static_cast<char>(i * 31 + i / 256));
    std::string name = (fs::temp_directory_path() / "reverie_fetch_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    network_.name = "net";
    network_.files = {file_of("deploy.prototxt", prototxt_), file_of("net.caffemodel", weights_)};
    options_.weights_folder = folder_;
    options_.connect_limit = std::chrono::seconds(5);
    options_.stall_limit = std::chrono::milliseconds(500);
    ::setenv("no_proxy", "127.0.0.1", 1);
    options_.notices = [this](const std::string& line) { notices_ += line + "\n"; };
  }
  ~Fetching() override { fs::remove_all(folder_); }

  // Every file at this server, behind whatever addresses the test gave before.
  void publish(const TestServer& server) {
    for (ZooFile& file : network_.files)
      if (file.member_of.empty()) file.urls.push_back(server.url() + "/" + file.name);
  }

  FetchEnd run() { return fetch_network(network_, options_); }

  // The message of the FileFailure that it throws.
  std::string failure() {
    try {
      run();
    } catch (const FileFailure& error) {
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }

  // The file that was asked for, as a good server gives it.
  TestAnswer good(const TestRequest& request) const {
    return TestServer::give(request.path.ends_with("prototxt") ? prototxt_ : weights_, request);
  }
  bool asks_weights(const TestRequest& request) const {
    return request.path.ends_with("caffemodel");
  }

  void expect_in_place() const {
    EXPECT_EQ(content(folder_ / "net" / "deploy.prototxt"), prototxt_);
    EXPECT_EQ(content(folder_ / "net" / "net.caffemodel"), weights_);
    EXPECT_FALSE(fs::exists(folder_ / "net.part"));
  }
  void expect_nothing_in_place() const { EXPECT_FALSE(fs::exists(folder_ / "net")); }

  fs::path part() const { return folder_ / "net.part" / "net.caffemodel.part"; }

  const std::string prototxt_ = "name: 'net'";
  std::string weights_, notices_;
  fs::path folder_;
  ZooNetwork network_;
  FetchOptions options_;
};

TEST_F(Fetching, BringsEveryFileIntoItsPlace) {
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  std::uintmax_t last = 0, total = 0;
  options_.progress = [&](const FetchProgress& at) {
    if (at.file != "net.caffemodel") return;
    EXPECT_GE(at.done, last);
    last = at.done;
    total = at.total;
  };
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  EXPECT_EQ(last, weights_.size());
  EXPECT_EQ(total, weights_.size());
  EXPECT_EQ(notices_, "");

  // Another call asks nobody
  EXPECT_EQ(run(), FetchEnd::was_there);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Fetching, FollowsRedirects) {
  TestServer server([&](const TestRequest& request) {
    if (request.path.starts_with("/moved")) return good(request);
    TestAnswer answer;
    answer.status = 302;
    answer.headers = "Location: /moved" + request.path + "\r\nETag: \"of the redirect\"\r\n";
    answer.body = "elsewhere";
    return answer;
  });
  publish(server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
}

TEST_F(Fetching, DoesNotFollowOutOfHttp) {
  write(folder_ / "secret", weights_);
  TestServer server([&](const TestRequest&) {
    TestAnswer answer;
    answer.status = 302;
    answer.headers = "Location: file://" + (folder_ / "secret").string() + "\r\n";
    return answer;
  });
  publish(server);
  EXPECT_NE(failure().find("cannot fetch 'net'"), std::string::npos);
  expect_nothing_in_place();
}

TEST_F(Fetching, GoesOnWhenTheConnectionBreaks) {
  TestServer server([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    if (asks_weights(request)) answer.cut_after = 20000;
    return answer;
  });
  publish(server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[2].range_begin, 20000u);
  EXPECT_EQ(requests[3].range_begin, 40000u);
}

TEST_F(Fetching, GoesOnInALaterCall) {
  std::atomic<bool> broken = true;
  TestServer server([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    if (asks_weights(request) && broken) answer.cut_after = request.has_range ? 0 : 30000;
    return answer;
  });
  publish(server);
  EXPECT_NE(failure().find("net.caffemodel"), std::string::npos);
  expect_nothing_in_place();
  EXPECT_EQ(content(part()), weights_.substr(0, 30000));

  broken = false;
  const std::size_t before = server.requests().size();
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  ASSERT_EQ(server.requests().size(), before + 1);  // the prototxt was kept
  EXPECT_EQ(server.requests().back().range_begin, 30000u);
}

TEST_F(Fetching, StartsAgainWhenTheServerIgnoresTheRange) {
  write(part(), weights_.substr(0, 30000));
  TestServer server([&](TestRequest request) {
    request.has_range = false;
    request.range_begin = 0;
    return good(request);
  });
  publish(server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  EXPECT_EQ(server.requests().back().range_begin, 30000u);
}

TEST_F(Fetching, RefusesAnotherRangeThanItAskedFor) {
  write(part(), weights_.substr(0, 30000));
  TestServer server([&](TestRequest request) {
    if (asks_weights(request)) request.range_begin = 10000;
    return good(request);
  });
  publish(server);
  EXPECT_NE(failure().find("another part of the file"), std::string::npos);
  EXPECT_EQ(content(part()), weights_.substr(0, 30000));
}

TEST_F(Fetching, StartsAgainWhenTheBeginningWasWrong) {
  write(part(), std::string(30000, 'x'));
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
}

TEST_F(Fetching, WithoutAChecksumGoesOnOnlyWithTheSameVersion) {
  network_.files[1].bytes = 0;
  network_.files[1].checksum = {};
  std::atomic<int> version = 1;
  std::atomic<bool> broken = true;
  TestServer server([&](TestRequest request) {
    const std::string tag = fmt::format("\"{}\"", version.load());
    // As the protocol has it: the rest, unless that would be of another version than the one named
    if (request.head.find("If-Range: ") != std::string::npos &&
        request.head.find("If-Range: " + tag) == std::string::npos) {
      request.has_range = false;
      request.range_begin = 0;
    }
    TestAnswer answer = good(request);
    answer.headers += "ETag: " + tag + "\r\n";
    if (asks_weights(request) && broken) answer.cut_after = request.has_range ? 0 : 30000;
    return answer;
  });
  publish(server);
  failure();
  EXPECT_EQ(content(part()), weights_.substr(0, 30000));

  // Another version: the beginning of the old one must not stay
  version = 2;
  broken = false;
  weights_[5] = 'x';
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  EXPECT_NE(server.requests().back().head.find("Range: bytes=30000-"), std::string::npos);
}

TEST_F(Fetching, TakesASlowServerAndLeavesASilentOne) {
  TestServer slow([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    answer.pause = std::chrono::milliseconds(25);  // longer in all than the limit for silence
    return answer;
  });
  TestServer silent([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    answer.cut_after = asks_weights(request) ? 7000 : ~0ul;
    if (request.has_range) answer.cut_after = 0;
    answer.hang = true;
    return answer;
  });
  publish(silent);
  publish(slow);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  EXPECT_NE(notices_.find("sends nothing more"), std::string::npos);
}

TEST_F(Fetching, TriesTheNextAddress) {
  TestServer gone([&](const TestRequest&) {
    TestAnswer answer;
    answer.status = 404;
    answer.body = "<html>not here</html>";
    return answer;
  });
  TestServer wrong([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    answer.body[answer.body.size() / 2] ^= 1;
    return answer;
  });
  TestServer portal([&](const TestRequest&) {
    TestAnswer answer;
    answer.body = "<html>please log in</html>";
    return answer;
  });
  TestServer right([&](const TestRequest& request) { return good(request); });
  TestServer closed([&](const TestRequest& request) { return good(request); });
  closed.stop();
  for (const TestServer* server : {&gone, &wrong, &portal, &closed, &right}) publish(*server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  for (const char* part : {"answers 404", "the file it sends has the SHA-256",
                           "offers 26 bytes, the published file has 50000"})
    EXPECT_NE(notices_.find(part), std::string::npos) << part << " in " << notices_;
  EXPECT_EQ(gone.requests().size(), 2u);  // a 404 is not asked for again
}

TEST_F(Fetching, SaysWhatToDoWhenNobodyAnswers) {
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  server.stop();
  const std::string message = failure();
  for (const std::string& part :
       {std::string("cannot fetch 'net'"), server.url(),
        "put it at '" + (folder_ / "net" / "net.caffemodel").string() + "'",
        std::string("reverie models verify net")})
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
  expect_nothing_in_place();
}

TEST_F(Fetching, RefusesAWrongFileForGood) {
  TestServer wrong([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    if (asks_weights(request)) answer.body[7] ^= 1;
    return answer;
  });
  publish(wrong);
  const std::string message = failure();
  EXPECT_NE(message.find("has the SHA-256"), std::string::npos) << message;
  EXPECT_NE(message.find(sum(weights_)), std::string::npos) << message;
  expect_nothing_in_place();
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Fetching, StopsAServerThatDoesNotStop) {
  network_.files[1].urls = {};
  TestServer endless([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    if (!asks_weights(request)) return answer;
    answer.body += "more";
    return answer;
  });
  publish(endless);
  EXPECT_NE(failure().find("offers 50004 bytes"), std::string::npos);
}

TEST_F(Fetching, LooksOnlyAtTheMirrorThatIsGiven) {
  TestServer published([&](const TestRequest& request) { return good(request); });
  TestServer mirror([&](const TestRequest& request) { return good(request); });
  publish(published);
  options_.mirror = mirror.url() + "/reverie";
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
  EXPECT_EQ(published.requests().size(), 0u);
  EXPECT_EQ(mirror.requests().back().path, "/reverie/net/net.caffemodel");
}

TEST_F(Fetching, KeepsWhatCameWhenItIsCancelled) {
  CancelToken cancel;
  TestServer server([&](const TestRequest& request) {
    TestAnswer answer = good(request);
    if (!asks_weights(request)) return answer;
    answer.cut_after = 20000;
    answer.hang = true;
    return answer;
  });
  publish(server);
  options_.stall_limit = std::chrono::minutes(1);
  options_.cancel = &cancel;
  options_.progress = [&](const FetchProgress& at) {
    if (at.done >= 10000) cancel.cancel();
  };
  EXPECT_EQ(run(), FetchEnd::cancelled);
  expect_nothing_in_place();
  EXPECT_GE(fs::file_size(part()), 10000u);
}

// The process may write 20000 bytes into a file: what a full disk looks like from within.
TEST_F(Fetching, SaysThatTheDiskIsFull) {
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{20000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string message = failure();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, fmt::format("cannot write '{}': File too large", part().string()));
  expect_nothing_in_place();

  // With room again it goes on
  EXPECT_EQ(run(), FetchEnd::fetched);
  expect_in_place();
}

TEST_F(Fetching, SeesBeforehandThatTheDiskIsTooSmall) {
  network_.files[1].bytes = std::uintmax_t{1} << 60;
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  EXPECT_NE(failure().find("more bytes in"), std::string::npos);
  EXPECT_EQ(server.requests().size(), 0u);
}

TEST_F(Fetching, LeavesAFileAloneThatIsNotItsOwn) {
  write(folder_ / "net" / "net.caffemodel", "dear to somebody");
  TestServer server([&](const TestRequest& request) { return good(request); });
  publish(server);
  EXPECT_NE(failure().find("has 16 bytes, the published one 50000; move it away"),
            std::string::npos);
  EXPECT_EQ(content(folder_ / "net" / "net.caffemodel"), "dear to somebody");
}

TEST_F(Fetching, SaysThatAFolderCannotBeMade) {
  write(folder_ / "net.part", "in the way");
  EXPECT_NE(failure().find("cannot make the folder"), std::string::npos);
}

// Archives ------------------------------------------------------------------------------------

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string bytes(1 << 20, '\0');
  std::size_t used = 0;
  archive* zip = archive_write_new();
  archive_write_set_format_zip(zip);
  archive_write_set_bytes_in_last_block(zip, 1);
  archive_write_open_memory(zip, bytes.data(), bytes.size(), &used);
  for (const auto& [name, body] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(body.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(zip, entry);
    archive_write_data(zip, body.data(), body.size());
    archive_entry_free(entry);
  }
  archive_write_close(zip);
  archive_write_free(zip);
  bytes.resize(used);
  return bytes;
}

class FetchingArchive : public Fetching {
 protected:
  void publish_zip(const std::string& zip, TestServer& server) {
    ZooFile member = file_of("graph.pb", weights_);
    member.member_of = "net.zip";
    network_.files = {file_of("net.zip", zip), member};
    publish(server);
  }
};

TEST_F(FetchingArchive, KeepsWhatIsInIt) {
  const std::string zip = zip_of({{"LICENSE", "do as you like"}, {"graph.pb", weights_}});
  TestServer server([&](const TestRequest& request) { return TestServer::give(zip, request); });
  publish_zip(zip, server);
  EXPECT_EQ(run(), FetchEnd::fetched);
  EXPECT_EQ(content(folder_ / "net" / "graph.pb"), weights_);
  EXPECT_FALSE(fs::exists(folder_ / "net" / "net.zip"));
  EXPECT_FALSE(fs::exists(folder_ / "net" / "LICENSE"));
  EXPECT_FALSE(fs::exists(folder_ / "net.part"));
  EXPECT_EQ(run(), FetchEnd::was_there);
}

TEST_F(FetchingArchive, RefusesOneThatHoldsSomethingElse) {
  const auto expect_bad = [&](const std::string& zip, const std::string& part) {
    TestServer server([&](const TestRequest& request) { return TestServer::give(zip, request); });
    publish_zip(zip, server);
    try {
      run();
      ADD_FAILURE() << "nothing was thrown for: " << part;
    } catch (const BadModel& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
    expect_nothing_in_place();
    fs::remove_all(folder_ / "net.part");
  };
  std::string other = weights_;
  other[1] ^= 1;
  const std::string good = zip_of({{"graph.pb", weights_}});
  expect_bad(zip_of({{"graph.pb", other}}), "'graph.pb' of 'net.zip' has the SHA-256");
  expect_bad(zip_of({{"graph.pb", weights_ + "x"}}), "has more than the published 50000 bytes");
  expect_bad(zip_of({{"../graph.pb", weights_}}), "holds no 'graph.pb'");
  expect_bad("not a zip archive at all", "is not a whole zip archive");
  expect_bad(good.substr(0, good.size() / 2), "is not a whole zip archive");
}

}  // namespace
}  // namespace reverie
