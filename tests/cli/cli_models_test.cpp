// reverie models fetch and convert, against a server on this machine.
#include <fmt/format.h>

#include <cstdlib>

#include "reverie/model/fetch/web_server_fixture.h"
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

using fetch::TestAnswer;
using fetch::TestRequest;
using fetch::TestServer;

class Models : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    ::setenv("REVERIE_MODELS", (folder_ / "weights").c_str(), 1);
    ::setenv("no_proxy", "127.0.0.1", 1);
  }
  void TearDown() override {
    ::unsetenv("REVERIE_MODELS");
    ProgramTest::TearDown();
  }
};

TEST_F(Models, SayWhatCanBeFetched) {
  const auto list = reverie({"models", "list", "--json"}).json();
  ASSERT_EQ(list["fetchable"].size(), 8u);
  EXPECT_EQ(list["fetchable"][0]["name"], "googlenet");
  EXPECT_NE(reverie({"models"}).out.find("places365-googlenet"), std::string::npos);

  const auto info = reverie({"models", "info", "inception5h", "--json"}).json();
  EXPECT_EQ(info["here"], false);
  EXPECT_EQ(info["licence"], "Apache-2.0");
  EXPECT_EQ(info["files"][1]["member_of"], "inception5h.zip");
  const std::string places = reverie({"models", "info", "places365-googlenet"}).out;
  EXPECT_NE(places.find("no checksum is published"), std::string::npos) << places;
}

TEST_F(Models, AreNotFetchedUnlessTheUserSaysSo) {
  make_scene("sky.png");
  int asked = 0;
  TestServer server([&](const TestRequest&) {
    ++asked;
    return TestAnswer{};
  });
  ::setenv("REVERIE_MIRROR", server.url().c_str(), 1);
  expect_refusal({"image", "sky.png", "-m", "googlenet"}, 1,
                 {"no network 'googlenet'", "reverie models fetch googlenet", "--yes"});
  expect_refusal({"layers", "-m", "googlenet"}, 1, {"reverie models fetch googlenet"});
  EXPECT_EQ(asked, 0);

  // A server without the files: it was asked, and nothing is left but what goes on later
  const Finished tried = reverie({"image", "sky.png", "-m", "googlenet", "--yes"});
  EXPECT_EQ(tried.status, 1);
  EXPECT_NE(tried.err.find("/googlenet/deploy.prototxt"), std::string::npos) << tried.err;
  EXPECT_NE(tried.err.find("to use a file from elsewhere, put it at"), std::string::npos)
      << tried.err;
  EXPECT_GT(asked, 0);
  EXPECT_FALSE(exists("weights/googlenet"));
  ::unsetenv("REVERIE_MIRROR");
}

TEST_F(Models, AreRefusedWithoutTheirDescription) {
  TestServer server([&](const TestRequest& request) {
    TestAnswer answer;
    answer.status = 404;
    if (!request.path.ends_with("caffemodel")) return answer;
    std::string bytes(5000, 'x');
    return TestServer::give(bytes, request);
  });
  // The description's checksum is known, and this server does not have it
  const Finished refused =
      reverie({"models", "fetch", "places365-googlenet", "--mirror", server.url(), "--json"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.json()["models"][0]["ok"], false);
  EXPECT_FALSE(exists("weights/places365-googlenet"));
  expect_refusal({"models", "fetch", "googlenett"}, 2, {"googlenett", "googlenet"});
}

// A network that ends early says so wherever it is looked at, and is dreamed on as far as it goes.
TEST_F(Models, SayWhereTheyEnd) {
  ASSERT_EQ(reverie({"models", "convert", "reverie-4", "whole.safetensors"}).status, 0);
  std::string bytes = read("whole.safetensors");
  const std::string layer = R"(4b/concat\",\"op\":\")";
  const std::size_t place = bytes.find(layer);
  ASSERT_NE(place, std::string::npos);
  bytes.replace(place + layer.size(), 6, "braids");
  write("ends.safetensors", bytes);
  const std::string model = "./ends.safetensors";
  const std::string end =
      "network 'ends' ends at layer '4b/concat' (braids), which Reverie does not know";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"layers", "-m", model}, {"models", "verify", model}}) {
    const Finished finished = reverie(command);
    EXPECT_EQ(finished.status, 0);
    EXPECT_NE(finished.err.find(end), std::string::npos) << command[0] << finished.err;
  }
  EXPECT_NE(reverie({"models", "info", model}).out.find(end), std::string::npos);
  EXPECT_EQ(reverie({"layers", "-m", model, "--json"}).json()["ends_at"]["layer"], "4b/concat");

  make_scene("sky.png");
  const std::vector<std::string> dream{"image",     "sky.png", "-m",           model,
                                       "--octaves", "1",       "--iterations", "1"};
  const Finished dreamed = reverie(dream);
  EXPECT_EQ(dreamed.status, 0) << dreamed.err;
  EXPECT_NE(dreamed.err.find(end), std::string::npos) << dreamed.err;
  EXPECT_NE(dreamed.err.find("dreaming on '"), std::string::npos) << dreamed.err;
  expect_refusal({"image", "sky.png", "-m", model, "-l", "4c/output", "-o", "x.png"}, 1,
                 {"layer '4c/output' cannot be computed", "'4b/concat' (braids)"});
}

TEST_F(Models, AreConverted) {
  const Finished converted = reverie(
      {"models", "convert", "reverie-4", "copy.safetensors", "--weights", "bf16", "--json"});
  EXPECT_EQ(converted.status, 0) << converted.err;
  EXPECT_EQ(converted.json()["weights"], "bf16");
  EXPECT_EQ(converted.json()["bytes"], fs::file_size(folder_ / "copy.safetensors"));
  EXPECT_EQ(reverie({"models", "verify", "./copy.safetensors"}).status, 0);
  expect_refusal({"models", "convert", "reverie-4", "copy.safetensors"}, 1,
                 {"copy.safetensors", "--overwrite"});
  expect_refusal({"models", "convert", "reverie-4", "copy.onnx"}, 2, {".safetensors"});
  expect_refusal({"models", "convert", "reverie-4", "x.safetensors", "--input-transform", "purple"},
                 2, {"--input-transform", "purple"});
  reverie(
      {"models", "convert", "reverie-4", "signed.safetensors", "--input-transform", "range=-1:1"});
  EXPECT_EQ(reverie({"models", "info", "./signed.safetensors", "--json"}).json()["input"],
            "RGB, minus (127.5, 127.5, 127.5), times (0.00784314, 0.00784314, 0.00784314)");
  expect_refusal({"models", "convert", "reverie-4", "x.safetensors", "--weights", "int8"}, 2,
                 {"weights"});
  expect_refusal({"models", "convert", "nothing", "x.safetensors"}, 1, {"nothing"});
}

}  // namespace
}  // namespace reverie::test
