// The atlas: which channels are made, in which order, and when it stops.
#include "apps/studio/atlas.h"

#include <utility>

#include "apps/studio/service.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/image/image_file.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::json;

class AtlasTest : public testing::Test {
 protected:
  AtlasOptions options(double patience_s) {
    AtlasOptions chosen;
    chosen.folder = scratch_.path() / "atlas";
    chosen.settings.size = 32;
    chosen.settings.iterations = 1;
    chosen.patience_s = patience_s;
    return chosen;
  }
  // The next job, as the engine does it. Returns whether it was stopped for another.
  bool do_job() {
    std::shared_ptr<CancelToken> cancel;
    const auto job = queue_.next(cancel);
    if (job->task) job->task(*cancel);
    if (cancel->cancelled() && queue_.put_back(job->id)) return true;
    queue_.end(job->id, {});
    last_ = job->id;
    return false;
  }
  // Whether no job waits: of idle ones, the one that was added last comes last.
  bool is_idle() {
    JobRequest other;
    other.id = "other";
    other.what = JobClass::idle;
    other.task = [](const CancelToken&) {};
    queue_.add(other, -1, 0, 0);
    do_job();
    return last_ == "other";
  }
  // The channels that were made, in their order.
  std::vector<int> made() const {
    std::vector<int> channels;
    for (const Event& event : events_.after(0))
      if (event.name == "atlas") channels.push_back(Json::parse(event.data).at("channel"));
    return channels;
  }

  ScratchFolder scratch_;
  Store store_{scratch_.path() / "studio"};
  EventLog events_;
  Queue queue_{store_, events_};
  OpenedNetworks networks_;
  std::shared_ptr<const Opened> network_ = networks_.find("");
  const ListedLayer& layer_ = *network_->layer("3b/output");
  std::string last_;
};

TEST_F(AtlasTest, MakesWhatWasAskedForFirst) {
  set_thread_count(1);
  AtlasMaker atlas(queue_, events_, options(1000));
  atlas.ask(network_, layer_, {5, 3});
  atlas.ask(network_, layer_, {9, 3});
  for (int job = 0; job < 5; ++job) EXPECT_FALSE(do_job());
  EXPECT_EQ(made(), (std::vector<int>{9, 3, 5, 0, 1}));
  EXPECT_EQ(atlas.ready(*network_, layer_), (std::vector<int>{0, 1, 3, 5, 9}));
  EXPECT_TRUE(atlas.is_ready(*network_, "3b/output", 9));
  EXPECT_FALSE(atlas.is_ready(*network_, "3b/output", 2));
  EXPECT_FALSE(atlas.picture(*network_, "3b/output", 2));
  EXPECT_EQ(atlas.picture(*network_, "3b/output", 9)->substr(0, 2), "\xff\xd8");
  EXPECT_THROW(atlas.ask(network_, layer_, {static_cast<int>(layer_.channels)}), BadRecipe);
  EXPECT_THROW(atlas.ask(network_, layer_, {-1}), BadRecipe);

  // Another layer that is asked for comes before the rest of this one
  const ListedLayer& other = *network_->layer("4c/output");
  atlas.ask(network_, other, {7});
  EXPECT_FALSE(do_job());
  EXPECT_TRUE(atlas.is_ready(*network_, "4c/output", 7));
}

TEST_F(AtlasTest, StopsWhenNobodyAsksAnyMore) {
  set_thread_count(1);
  AtlasMaker atlas(queue_, events_, options(1e-9));
  atlas.ask(network_, layer_, {5, 3});
  do_job();
  do_job();
  EXPECT_EQ(made(), std::vector<int>{5});
  EXPECT_TRUE(is_idle());
  atlas.ask(network_, layer_, {});
  do_job();
  do_job();
  EXPECT_EQ(made(), (std::vector<int>{5, 0}));
  EXPECT_TRUE(is_idle());
}

TEST_F(AtlasTest, LeavesTheRestForWhatIsAskedFor) {
  set_thread_count(1);
  AtlasMaker atlas(queue_, events_, options(1000));
  bool is_first = true;
  events_.on_event([&] {
    if (!std::exchange(is_first, false)) return;
    atlas.ask(network_, layer_, {7});
  });
  atlas.ask(network_, layer_, {});
  EXPECT_TRUE(do_job());  // at the rest: it stops at once
  EXPECT_FALSE(do_job());
  EXPECT_EQ(made(), (std::vector<int>{0, 7}));
}

TEST_F(AtlasTest, IsAskedOverTheSocket) {
  setenv("XDG_CACHE_HOME", scratch_.path().c_str(), 1);
  Options options;
  options.folder = scratch_.path() / "service";
  options.port = 7500 + static_cast<int>(::getpid() % 20000);
  Service service(options);
  const auto send = [&](const std::string& method, const std::string& path, const Json& body = {}) {
    return sent_raw(service.port(),
                    request_text(service.port(), service.token(), method, "/api/1/atlas/" + path,
                                 body.is_null() ? "" : body.dump()));
  };
  // A picture that the command line has made
  const FeatureCache cache(atlas_cache_folder(), {network_->sha256,
                                                  describe(network_->network.graph.transform),
                                                  "3b/output",
                                                  {},
                                                  Precision::fast});
  Tensor grey = Tensor::uninitialized({3, 128, 128});
  for (std::int64_t i = 0; i < grey.size(); ++i) grey[i] = 99;
  cache.keep(4, grey);

  const std::string layer = network_->name + "/3b.output";
  const Json about = send("GET", layer).json();
  EXPECT_EQ(about.at("layer"), "3b/output");
  EXPECT_EQ(about.at("channels"), layer_.channels);
  EXPECT_EQ(about.at("ready"), Json{4});
  const Answer picture = send("GET", layer + "/4.jpg");
  EXPECT_EQ(picture.status, 200);
  EXPECT_TRUE(picture.has_header("image/jpeg"));
  EXPECT_NEAR(decode_image(picture.body, "4.jpg").color[0], 99, 2);
  for (const char* none : {"/1000.jpg", "/-1.jpg", "/4x.jpg", "/.jpg", "/9.jpg"})
    EXPECT_EQ(send("GET", layer + none).status, 404) << none;
  for (const char* none : {"x/3b.output", "reverie-4/none", "..%2f/3b.output"})
    EXPECT_EQ(send("GET", none).status, 404) << none;
  EXPECT_EQ(send("POST", layer, Json{{"channels", {99999}}}).status, 400);
  EXPECT_EQ(send("POST", layer, Json{{"channels", {"4"}}}).status, 400);
  EXPECT_EQ(send("POST", layer, Json{{"channels", {1}}}).status, 200);
}

}  // namespace
}  // namespace reverie::studio
