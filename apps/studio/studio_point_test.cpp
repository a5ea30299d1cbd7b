// Point and dream: looks by hand, without an engine, and over the socket.
#include "apps/studio/point.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <span>
#include <thread>

#include "apps/studio/ids.h"
#include "apps/studio/service.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/recipe/recipe.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST(FourDepths, AreSpreadOverTheGoodLayers) {
  Network network;
  network.good_layers = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_EQ(four_depths(network), (std::vector<std::string>{"a", "c", "e", "g"}));
  network.good_layers.resize(4);
  EXPECT_EQ(four_depths(network), network.good_layers);
  network.good_layers = {"a", "b"};
  EXPECT_EQ(four_depths(network), network.good_layers);
}

TEST(OpenedNetworksTest, KnowsNamesAndNoPaths) {
  OpenedNetworks networks;
  const auto inside = networks.find("");
  ASSERT_NE(inside, nullptr);
  EXPECT_EQ(networks.find(inside->name), inside);
  EXPECT_EQ(inside->sha256.size(), 64u);
  const ListedLayer* layer = inside->layer("4c.output");
  ASSERT_NE(layer, nullptr);
  EXPECT_EQ(layer->name, "4c/output");
  EXPECT_EQ(inside->layer("4c/output"), layer);
  EXPECT_EQ(inside->layer("output"), nullptr);
  for (const char* name : {"/etc/passwd", "../models", "no-such-network", "."})
    EXPECT_EQ(networks.find(name), nullptr) << name;
}

// A looker whose engine is the test.
class LookerTest : public testing::Test {
 protected:
  std::string add(const std::string& bytes) {
    const fs::path file = scratch_.path() / "incoming.png";
    {
      std::ofstream out(file, std::ios::binary);
      out << bytes;
    }
    Asset asset;
    asset.id = sha256(std::as_bytes(std::span(bytes)));
    asset.kind = "image";
    asset.name = "a.png";
    asset.width = asset.height = 64;
    return "asset:" + store_.add_asset(file, asset).id;
  }
  Sight sight(const std::string& picture) {
    const auto network = networks_.find("");
    return {picture, network, {"3b/output", "4c/output"}};
  }
  // One job, as the engine does it; false: none waits.
  bool do_look() {
    std::shared_ptr<CancelToken> cancel;
    const auto look = queue_.next_look(cancel);
    if (!look) return false;
    look->task(*cancel);
    queue_.end(look->id, {});
    return true;
  }

  ScratchFolder scratch_;
  Store store_{scratch_.path() / "studio"};
  EventLog events_;
  Queue queue_{store_, events_};
  OpenedNetworks networks_;
  Looker looker_{store_, queue_};
};

TEST_F(LookerTest, LooksOnceAtAPicture) {
  const Sight first = sight(add(scene_bytes(64, 48, 1)));
  std::thread engine([&] {
    while (!do_look()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  });
  std::vector<ChannelResponse> seen;
  EXPECT_TRUE(looker_.see(first, [&](const Looker::Seen& what) {
    EXPECT_EQ(what.picture.width(), 64);
    seen = what.ranker.ranked(what.index_of("4c/output"), Place{0.5, 0.5});
  }));
  engine.join();

  // As the library says
  ChannelRanker ranker(first.network->network, {"4c/output"}, Recipe{}.precision,
                       Device::automatic);
  ranker.look(cloudscape(64, 48, 1).color);
  const auto expected = ranker.ranked(0, Place{0.5, 0.5});
  ASSERT_EQ(seen.size(), expected.size());
  EXPECT_NEAR(seen[0].value, expected[0].value, 0.05 * expected[0].value);
  EXPECT_EQ(seen[0].channel, expected[0].channel);

  // No engine is there any more: another place, and one of the layers alone
  bool is_asked = false;
  Sight part = first;
  part.layers = {"3b/output"};
  EXPECT_TRUE(looker_.see(
      part, [&](const Looker::Seen& what) { is_asked = what.index_of("3b/output") == 0; }));
  EXPECT_TRUE(is_asked);
  EXPECT_FALSE(do_look());
}

TEST_F(LookerTest, TellsWhatIsWrong) {
  EXPECT_THROW(looker_.see(sight("/etc/passwd"), [](const Looker::Seen&) {}), BadRecipe);
  const Sight tiny = sight(add(scene_bytes(1, 1, 1)));
  std::thread engine([&] {
    while (!do_look()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  });
  EXPECT_THROW(looker_.see(tiny, [](const Looker::Seen&) {}), Error);
  engine.join();
}

TEST_F(LookerTest, MakesAMaskOfTheStrongestPlaces) {
  const Sight where = sight(add(scene_bytes(160, 96, 1)));
  std::thread engine([&] {
    while (!do_look()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  });
  Image mask;
  Tensor heat;
  looker_.see(where, [&](const Looker::Seen& what) {
    const std::size_t layer = what.index_of("4c/output");
    const int channel = what.ranker.ranked(layer)[0].channel;
    heat = what.ranker.heat_map(layer, channel);
    mask = heat_mask(what, layer, {channel});
    EXPECT_THROW(heat_mask(what, layer, {99999}), BadRecipe);
  });
  engine.join();
  ASSERT_EQ(mask.width(), 160);
  ASSERT_EQ(mask.height(), 96);
  const float* const values = mask.color.data();
  const auto strongest = std::max_element(values, values + 160 * 96);
  EXPECT_GT(*strongest, 240);
  EXPECT_LE(*strongest, 255.001f);
  // Bright where the heat is: both maxima are near each other
  const std::int64_t at = strongest - values, width = heat.shape().width();
  const std::int64_t hottest =
      std::max_element(heat.data(), heat.data() + heat.size()) - heat.data();
  const double cell = 160.0 / static_cast<double>(width);
  EXPECT_LT(
      std::abs(static_cast<double>(at % 160) - (static_cast<double>(hottest % width) + 0.5) * cell),
      2.5 * cell);
}

// ---- Over the socket

class PointTest : public testing::Test {
 protected:
  PointTest() {
    setenv("XDG_CACHE_HOME", scratch_.path().c_str(), 1);
    Options options;
    options.folder = scratch_.path() / "studio";
    options.port = 7500 + static_cast<int>(::getpid() % 20000);
    options.may_fetch = false;
    service_ = std::make_unique<Service>(options);
  }
  Answer send(const std::string& method, const std::string& path, const std::string& body = "",
              const std::string& type = "application/json") {
    return sent_raw(service_->port(), request_text(service_->port(), service_->token(), method,
                                                   "/api/1" + path, body, type));
  }
  Json ask(const std::string& path, const Json& body) {
    return send("POST", path, body.dump()).json();
  }
  std::string upload(std::int64_t width, std::int64_t height, std::uint64_t seed) {
    const Answer answer = send("POST", "/assets", scene_bytes(width, height, seed), "image/png");
    return "asset:" + answer.json().value("id", "");
  }

  ScratchFolder scratch_;
  std::unique_ptr<Service> service_;
};

TEST_F(PointTest, AnswersAClick) {
  const std::string picture = upload(160, 96, 1);
  const Json seen = ask("/look", {{"picture", picture}, {"at", {0.4, 0.3}}}).at("layers");
  ASSERT_EQ(seen.size(), 4u);
  for (const Json& layer : seen) {
    ASSERT_EQ(layer.at("channels").size(), 12u);
    EXPECT_GE(layer["channels"][0]["value"], layer["channels"][11]["value"]);
    EXPECT_TRUE(layer["channels"][0]["url"].is_null());
  }
  const std::string layer = seen[1]["layer"];
  const int channel = seen[1]["channels"][0]["channel"];
  const Answer heat = send("GET", "/look/heat?picture=" + picture + "&layer=" + layer +
                                      "&channel=" + std::to_string(channel));
  ASSERT_EQ(heat.status, 200) << heat.body;
  const Image map = decode_image(heat.body, "heat.png");
  EXPECT_LT(map.width(), 160);
  EXPECT_EQ(*std::max_element(map.color.data(), map.color.data() + map.color.size()), 255);

  const Json mask =
      ask("/look/mask", {{"picture", picture}, {"layer", layer}, {"channels", {channel}}});
  EXPECT_EQ(mask.at("width"), 160);
  const Json job =
      ask("/jobs", {{"kind", "image"},
                    {"source", picture},
                    {"recipe",
                     {{"layer", {layer + "@mask=asset:" + mask.at("id").get<std::string>()}},
                      {"octaves", 1},
                      {"iterations", 1}}}});
  EXPECT_EQ(job.value("state", ""), "waiting") << job;
}

TEST_F(PointTest, AnswersWhileADreamIsAtWork) {
  const std::string picture = upload(160, 96, 1);
  const Json job = ask(
      "/jobs",
      {{"kind", "image"}, {"source", picture}, {"recipe", {{"octaves", 1}, {"iterations", 9000}}}});
  const std::string path = "/jobs/" + job.at("id").get<std::string>();
  while (send("GET", path).json().at("state") == "waiting")
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(send("POST", "/look", Json{{"picture", picture}, {"at", {0, 1}}}.dump()).status, 200);
  EXPECT_EQ(send("GET", path).json().at("state"), "running");
  EXPECT_EQ(send("GET", "/jobs").json().at("jobs").size(), 1u);  // a look stands in no list
  send("DELETE", path);
}

TEST_F(PointTest, RefusesWhatIsNoPlace) {
  const std::string picture = upload(64, 48, 1);
  const Json at{0.5, 0.5};
  for (const Json& body :
       {Json{{"picture", "/etc/passwd"}, {"at", at}},
        Json{{"picture", picture}, {"at", {0.5, 1.5}}}, Json{{"picture", picture}, {"at", {0.5}}},
        Json{{"picture", picture}}, Json{{"picture", picture}, {"at", at}, {"layers", {"x"}}},
        Json{{"picture", picture}, {"at", at}, {"layers", Json::array()}},
        Json{{"picture", picture}, {"at", at}, {"network", "../x"}}})
    EXPECT_EQ(send("POST", "/look", body.dump()).status, 400) << body;
  for (const char* rest : {"4c/output&channel=-1", "4c/output&channel=100000", "none&channel=1"})
    EXPECT_EQ(send("GET", "/look/heat?picture=" + picture + "&layer=" + rest).status, 400) << rest;
  for (const Json& channels : {Json(), Json::array(), Json{"a"}, Json{100000}, Json{-1}})
    EXPECT_EQ(
        send("POST", "/look/mask",
             Json{{"picture", picture}, {"layer", "4c/output"}, {"channels", channels}}.dump())
            .status,
        400)
        << channels;
}

}  // namespace
}  // namespace reverie::studio
