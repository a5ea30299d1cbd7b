#include "reverie/atlas/atlas.h"

#include <gtest/gtest.h>

#include <fstream>

#include "reverie/atlas/feature.h"
#include "reverie/atlas/ranking.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/image/image_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

const char* const layer = "3a/concat";

class Atlas : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) /
        ("atlas_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
  }
  void TearDown() override {
    fs::remove_all(folder_);
    set_thread_count(threads_);
  }

  FeatureCache cache(const AtlasSettings& settings) const {
    return {folder_, {"0123", "RGB", layer, settings, Precision::exact}};
  }

  std::vector<Tensor> make(const std::vector<int>& channels, const AtlasSettings& settings,
                           AtlasControl control = {}) {
    FeatureNetwork prepared(network_, layer, Precision::exact, Device::cpu);
    return make_atlas(prepared, channels, settings, cache(settings), control);
  }

  const int threads_ = thread_count();
  const Network network_ = open_network("");
  fs::path folder_;
};

void expect_close(const Tensor& a, const Tensor& b, float most) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], most) << i;
}

TEST_F(Atlas, IsTheSameAtAnyNumberOfThreadsAndFromTheCache) {
  const AtlasSettings settings{32, 6, 1};
  set_thread_count(2);
  const auto by_two = make({4, 0, 7}, settings);
  int ascended = 0;
  AtlasControl count;
  count.progress = [&](int, int) { ++ascended; };
  const auto kept = make({7, 4}, settings, count);
  EXPECT_EQ(ascended, 0);
  expect_close(kept[0], by_two[2], 0.5f);  // 8 bits
  expect_close(kept[1], by_two[0], 0.5f);

  fs::remove_all(folder_);
  set_thread_count(1);
  const auto by_one = make({4, 0, 7}, settings, count);
  EXPECT_EQ(ascended, 3);
  for (std::size_t i = 0; i < 3; ++i) expect_close(by_one[i], by_two[i], 0);
}

TEST_F(Atlas, GoesOnWhereItWasStopped) {
  const AtlasSettings settings{32, 3, 1};
  set_thread_count(1);
  CancelToken cancel;
  AtlasControl control;
  control.cancel = &cancel;
  control.progress = [&](int finished, int) {
    if (finished == 2) cancel.cancel();
  };
  const auto part = make({0, 1, 2, 3}, settings, control);
  EXPECT_FALSE(part[1].empty());
  EXPECT_TRUE(part[2].empty());
  std::vector<int> of;
  control = {};
  control.progress = [&](int, int missing) { of.push_back(missing); };
  make({0, 1, 2, 3}, settings, control);
  EXPECT_EQ(of, (std::vector<int>{2, 2}));
}

TEST_F(Atlas, ComputesAgainWhatIsDamagedOrOfOtherSettings) {
  const AtlasSettings settings{32, 2, 1};
  make({5}, settings);
  const fs::path file = cache(settings).folder() / "0005.png";
  ASSERT_TRUE(fs::exists(file));
  std::ofstream(file) << "no picture";
  EXPECT_FALSE(cache(settings).find(5));
  make({5}, settings);
  EXPECT_TRUE(cache(settings).find(5));
  for (const AtlasSettings& other : {AtlasSettings{33, 2, 1}, {32, 3, 1}, {32, 2, 2}})
    EXPECT_NE(cache(other).folder(), cache(settings).folder());
}

TEST_F(Atlas, RefusesChannelsThatAreNotThereAndCachesThatCannotBe) {
  EXPECT_THROW(make({100000}, {32, 1, 0}), BadRecipe);
  std::ofstream(folder_) << "a file";
  EXPECT_THROW(make({0}, {32, 1, 0}), FileFailure);
}

TEST_F(Atlas, RanksAChannelFirstOnItsOwnFeature) {
  FeatureNetwork prepared(network_, layer, Precision::exact, Device::cpu);
  FeatureAscent ascend(prepared, {64, 30, 0});
  ChannelRanker ranker(network_, {layer}, Precision::exact, Device::cpu);
  int first = 0;
  for (int channel : {1, 9, 20}) {
    ranker.look(ascend.ascend(channel));
    const auto responses = ranker.ranked(0);
    ASSERT_EQ(static_cast<std::int64_t>(responses.size()), prepared.channels());
    EXPECT_GE(responses[0].value, responses[1].value);
    const auto place = std::find_if(responses.begin(), responses.end(), [&](const auto& response) {
      return response.channel == channel;
    });
    EXPECT_LT(place - responses.begin(), 8) << channel;
    first += place == responses.begin();
  }
  EXPECT_GE(first, 1);
}

TEST(AtlasCacheFolder, IsTheUsersOwn) {
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before ? before : "";
  setenv("XDG_CACHE_HOME", "/cache", 1);
  EXPECT_EQ(atlas_cache_folder(), "/cache/reverie/atlas");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(atlas_cache_folder(), fs::path(std::getenv("HOME")) / ".cache/reverie/atlas");
  before ? setenv("XDG_CACHE_HOME", kept.c_str(), 1) : unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace reverie
