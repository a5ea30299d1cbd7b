// The whole studio over its socket: a dream from the upload to the file, and what strangers get.
#include "apps/studio/service.h"

#include <chrono>
#include <fstream>
#include <thread>

#include "apps/studio/api.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST(StudioApi, IsDescribedInTheDocumentsAsItIs) {
  EXPECT_EQ(read_file(REVERIE_SOURCE_DIR "/docs/studio-api.md"), api_markdown())
      << "reverie-studio --api > docs/studio-api.md";
}

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override { start(); }

  void start() {
    Options options;
    options.folder = scratch_.path() / "studio";
    options.port = 7500 + static_cast<int>(::getpid() % 20000);
    options.may_fetch = false;
    service_.reset();
    service_ = std::make_unique<Service>(options);
  }

  Answer send(const std::string& method, const std::string& path, const std::string& body = "",
              const std::string& type = "application/json",
              const std::vector<std::string>& more = {}) {
    return sent_raw(service_->port(), request_text(service_->port(), service_->token(), method,
                                                   "/api/1" + path, body, type, more));
  }
  Json ask(const std::string& method, const std::string& path, const Json& body = Json()) {
    return send(method, path, body.is_null() ? "" : body.dump()).json();
  }
  std::string upload(const std::string& bytes, const std::string& name = "sky.png") {
    return send("POST", "/assets", bytes, "image/png", {"X-Name: " + name}).json().value("id", "");
  }

  Json tiny(const std::string& asset) {
    return {{"kind", "image"},
            {"source", "asset:" + asset},
            {"name", "Sky"},
            {"recipe", {{"layer", {"3b/output"}}, {"octaves", 2}, {"iterations", 2}, {"seed", 4}}}};
  }
  // Until the job is over.
  Json finished(const std::string& id) {
    for (int tries = 0; tries < 2000; ++tries) {
      const Json job = ask("GET", "/jobs/" + id);
      const std::string state = job.value("state", "");
      if (state == "done" || state == "kept" || state == "cancelled" || state == "failed")
        return job;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return {};
  }

  ScratchFolder scratch_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, DreamsAnUploadedPicture) {
  const std::string asset = upload(scene_bytes(64, 48, 1), "My%20sky.png");
  ASSERT_EQ(asset.size(), 64u);
  const Json info = ask("GET", "/assets/" + asset + "/info");
  EXPECT_EQ(info.at("name"), "My sky.png");
  EXPECT_EQ(info.at("width"), 64);
  EXPECT_EQ(upload(scene_bytes(64, 48, 1), "again.png"), asset);

  const Json job = ask("POST", "/jobs", tiny(asset));
  ASSERT_EQ(finished(job.at("id")).value("state", ""), "done");
  const Json dream = ask("GET", "/dreams/" + job.at("id").get<std::string>());
  EXPECT_EQ(dream.at("width"), 64);
  EXPECT_EQ(dream.at("layers"), Json({"3b/output"}));
  EXPECT_EQ(dream.at("source_name"), "My sky.png");
  EXPECT_EQ(ask("GET", "/dreams").at("total"), 1);
  EXPECT_EQ(send("GET", "/dreams/" + dream.at("id").get<std::string>() + "/thumb?h=20").status,
            200);

  // The same dream again, by what its document says, gives the same bytes of pixels
  const Json document = ask("GET", "/dreams/" + dream.at("id").get<std::string>() + "/document");
  EXPECT_EQ(document.at("history").at("id"), dream.at("id"));
  Json again = tiny(asset);
  again["recipe"] = document.at("recipe");
  again["parent"] = dream.at("id");
  const Json second = ask("POST", "/jobs", again);
  ASSERT_EQ(finished(second.at("id")).value("state", ""), "done");
  const auto pixels = [&](const std::string& id) {
    const Answer file = send("GET", "/dreams/" + id + "/file");
    const Image image = decode_image(file.body, "dream.png");
    return std::vector<float>(image.color.data(), image.color.data() + image.color.size());
  };
  EXPECT_EQ(pixels(dream.at("id")), pixels(second.at("id")));
  const Json diff = ask("GET", "/diff/" + dream.at("id").get<std::string>() + "/" +
                                   second.at("id").get<std::string>());
  EXPECT_TRUE(diff.at("settings").empty()) << diff;
  EXPECT_EQ(
      ask("GET", "/dreams/" + second.at("id").get<std::string>() + "/tree").at("dreams").size(),
      2u);
}

TEST_F(ServiceTest, FailsWithTheLibrarysSentence) {
  const std::string asset = upload(scene_bytes(8, 8, 1));
  Json job = tiny(asset);
  job["recipe"]["layer"] = {"no_such_layer"};
  const Json over = finished(ask("POST", "/jobs", job).at("id"));
  EXPECT_EQ(over.at("state"), "failed");
  EXPECT_NE(over.at("error").at("message").get<std::string>().find("no_such_layer"),
            std::string::npos);
  const Answer bad = send("POST", "/assets", "no picture at all", "image/png", {"X-Name: x.png"});
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.json().at("error").at("message").get<std::string>().find("x.png"),
            std::string::npos);
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "studio/incoming"));
}

TEST_F(ServiceTest, StopsKeepsAndCancels) {
  const std::string asset = upload(scene_bytes(96, 64, 1));
  Json job = tiny(asset);
  job["recipe"]["iterations"] = 5000;
  const std::string id = ask("POST", "/jobs", job).at("id");
  for (int tries = 0; ask("GET", "/jobs/" + id).at("octave") < 2 && tries < 3000; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(send("GET", "/jobs/" + id + "/preview").status, 200);
  ask("POST", "/jobs/" + id + "/keep", Json::object());
  EXPECT_EQ(finished(id).at("state"), "kept");
  EXPECT_EQ(ask("GET", "/dreams/" + id).value("width", 0), 96);

  const std::string other = ask("POST", "/jobs", job).at("id");
  for (int tries = 0; ask("GET", "/jobs/" + other).at("octave") < 2 && tries < 3000; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(ask("DELETE", "/jobs/" + other).at("state"), "cancelling");
  EXPECT_EQ(finished(other).at("state"), "cancelled");
  EXPECT_EQ(send("GET", "/dreams/" + other).status, 404);
  for (const auto& file : fs::recursive_directory_iterator(scratch_.path() / "studio/dreams"))
    EXPECT_EQ(file.path().string().find(other), std::string::npos) << file.path();
}

TEST_F(ServiceTest, GoesOnWithItsQueueAfterAnEnd) {
  const std::string asset = upload(scene_bytes(96, 64, 1));
  Json job = tiny(asset);
  job["recipe"]["iterations"] = 3000;
  const std::string running = ask("POST", "/jobs", job).at("id");
  const std::string waiting = ask("POST", "/jobs", tiny(asset)).at("id");
  while (ask("GET", "/jobs/" + running).at("octave") < 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  start();
  const Json jobs = ask("GET", "/jobs").at("jobs");
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].at("id"), running);
  ask("DELETE", "/jobs/" + running);
  EXPECT_EQ(finished(waiting).at("state"), "done");
  EXPECT_EQ(ask("GET", "/dreams").at("total"), 1);
}

TEST_F(ServiceTest, StreamsEventsToWhoeverKnowsThePrefix) {
  const std::string prefix = ask("POST", "/session", Json::object()).at("prefix");
  ask("PATCH", "/state", {{"view", "dream"}});
  std::thread leaving([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ask("PATCH", "/state", {{"view", "gallery"}, {"other", nullptr}});
    service_->say_bye();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    service_.reset();
  });
  const Answer stream = sent_raw(service_->port(), request_text(service_->port(), "", "GET",
                                                                prefix + "/api/1/events?after=0"));
  leaving.join();
  EXPECT_EQ(stream.status, 200);
  EXPECT_TRUE(stream.has_header("text/event-stream"));
  for (const char* part :
       {"id: 1\nevent: state\ndata: {\"view\":\"dream\"}", "\"view\":\"gallery\"", "event: bye"})
    EXPECT_NE(stream.body.find(part), std::string::npos) << part << "\n" << stream.body;
}

TEST_F(ServiceTest, SendsRangesOfAFile) {
  const std::string bytes = scene_bytes(64, 48, 1), path = "/assets/" + upload(bytes);
  const auto range = [&](const std::string& asked) {
    return send("GET", path, "", "", {"Range: bytes=" + asked});
  };
  EXPECT_EQ(range("0-9").body, bytes.substr(0, 10));
  EXPECT_EQ(range("0-9").status, 206);
  EXPECT_TRUE(range("5-").has_header("Content-Range: bytes 5-" + std::to_string(bytes.size() - 1)));
  EXPECT_EQ(range("-7").body, bytes.substr(bytes.size() - 7));
  for (const char* odd : {"9-0", "99999999-", "a-b", "0-1,3-4", "-", "18446744073709551616-"}) {
    EXPECT_EQ(range(odd).status, 200) << odd;
    EXPECT_EQ(range(odd).body.size(), bytes.size()) << odd;
  }
}

TEST_F(ServiceTest, StrangersGetNothing) {
  const int port = service_->port();
  const auto raw = [&](const std::string& text) { return sent_raw(port, text).status; };
  const std::string get = "GET /api/1/dreams HTTP/1.1\r\n", end = "Connection: close\r\n\r\n";
  const std::string host = "Host: 127.0.0.1:" + std::to_string(port) + "\r\n",
                    key = "Authorization: Reverie " + service_->token() + "\r\n";
  EXPECT_EQ(raw(get + host + key + end), 200);
  EXPECT_EQ(raw(get + host + end), 403);
  EXPECT_EQ(raw(get + "Host: evil.example\r\n" + key + end), 403);
  EXPECT_EQ(raw("GET /api/1/dreams HTTP/1.0\r\n" + key + "\r\n"), 403);
  EXPECT_EQ(raw(get + host + key + "Origin: http://127.0.0.1:1\r\n" + end), 403);
  // A form, which a foreign page can send without asking
  const std::string post = "POST /api/1/jobs HTTP/1.1\r\n" + host + key;
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
    EXPECT_EQ(
        sent_raw(port, post + "Content-Type: " + type + "\r\nContent-Length: 2\r\n" + end + "{}")
            .json()["error"]["kind"],
        "BadType")
        << type;
  // The page itself is no secret
  EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host + end), 200);
  for (const char* path :
       {"/../studio.db", "/..%2fstudio.db", "/%2e%2e/token", "/token", "//etc/passwd",
        "/index.html/..", "/api/2/jobs", "/api/1/nothing", "/api/1/dreams/../jobs"})
    EXPECT_GE(raw("GET " + std::string(path) + " HTTP/1.1\r\n" + host + key + end), 400) << path;
}

TEST_F(ServiceTest, HasLimits) {
  EXPECT_EQ(send("PATCH", "/state", Json{{"x", std::string(70000, 'x')}}.dump()).status, 413);
  EXPECT_EQ(
      send("POST", "/jobs", "{\"a\":\"" + std::string(std::size_t{2} << 20, 'x') + "\"}").status,
      413);
  const std::string host = "Host: 127.0.0.1:" + std::to_string(service_->port()) + "\r\n";
  EXPECT_GE(sent_raw(service_->port(),
                     "GET / HTTP/1.1\r\n" + host + "X: " + std::string(100000, 'x') + "\r\n\r\n")
                .status,
            400);
  EXPECT_EQ(send("POST", "/jobs", "[1,2").status, 400);
  EXPECT_EQ(send("POST", "/jobs", std::string(100000, '[')).status, 400);
  EXPECT_EQ(send("PATCH", "/dreams/" + std::string(26, '0'), "{}").status, 404);
  EXPECT_EQ(send("PUT", "/jobs", "{}").status, 405);
  EXPECT_EQ(send("GET", "/dreams?limit=-5&before='").status, 200);
  EXPECT_EQ(send("GET", "/settings").status, 200);
}

TEST_F(ServiceTest, GivesTheRecipeThatAFileCarries) {
  const std::string asset = upload(scene_bytes(64, 48, 1));
  EXPECT_EQ(send("POST", "/recipe", Json{{"asset", asset}}.dump()).status, 400);
  const std::string id = ask("POST", "/jobs", tiny(asset)).at("id");
  ASSERT_EQ(finished(id).value("state", ""), "done");
  const Answer exported = send("POST", "/dreams/" + id + "/export",
                               Json{{"format", "jpg"}, {"quality", 80}, {"recipe", true}}.dump());
  EXPECT_EQ(exported.status, 200);
  EXPECT_TRUE(exported.has_header("attachment; filename*=UTF-8''Sky.dream.jpg"));
  const std::string brought = upload(exported.body, "Sky.dream.jpg");
  EXPECT_TRUE(ask("GET", "/assets/" + brought + "/info").at("dream"));
  EXPECT_EQ(ask("POST", "/recipe", {{"asset", brought}}).at("recipe").at("seed"), 4);
  const Answer bare =
      send("POST", "/dreams/" + id + "/export", Json{{"format", "png"}, {"recipe", false}}.dump());
  EXPECT_TRUE(read_image_recipe(bare.body, "bare.png").empty());
}

}  // namespace
}  // namespace reverie::studio
