// Tiles of large dreams, and dreams that stay in the bin for long.
#include "apps/studio/tiles.h"

#include <fstream>

#include "apps/studio/ids.h"
#include "apps/studio/room.h"
#include "apps/studio/service.h"
#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class TilesTest : public testing::Test {
 protected:
  // A dream as the engine leaves it.
  static Dream add(Store& store, std::int64_t width, std::int64_t height,
                   std::int64_t deleted = 0) {
    Dream dream;
    dream.id = new_dream_id(now_ms());
    dream.kind = "image";
    dream.width = width;
    dream.height = height;
    dream.deleted = deleted;
    const fs::path file = store.new_dream_path(dream.id, ".png");
    write_image(file, cloudscape(width, height, 2), {});
    dream.file = fs::relative(file, store.folder() / "dreams").string();
    store.add_dream(dream);
    return dream;
  }
  std::unique_ptr<Service> service(const std::string& limit = "") const {
    Options options;
    options.folder = folder_;
    options.port = 7500 + static_cast<int>(::getpid() % 20000);
    options.limit = limit;
    return std::make_unique<Service>(options);
  }
  static Answer send(const Service& service, const std::string& method, const std::string& path,
                     const std::string& body = "", const std::string& type = "application/json") {
    return sent_raw(service.port(), request_text(service.port(), service.token(), method,
                                                 "/api/1" + path, body, type));
  }

  ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path() / "studio";
};

TEST_F(TilesTest, AreMadeOnceOfLargePictures) {
  Store store(folder_);
  const Dream large = add(store, 2100, 300), small = add(store, 2048, 20);
  TileMaker tiles(store);
  EXPECT_FALSE(tiles.pyramid(small));
  EXPECT_FALSE(tiles.tile(large, 3, 0, 0));
  auto pyramid = tiles.pyramid(large);
  for (int tries = 0; pyramid && pyramid->levels == 0 && tries < 20; ++tries)
    pyramid = tiles.pyramid(large);
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->levels, 4);  // 2100, 1050, 525, 263
  const auto corner = tiles.tile(large, 3, 4, 0);
  ASSERT_TRUE(corner);
  EXPECT_EQ(read_image(*corner).width(), 2100 - 4 * 512);
  EXPECT_FALSE(tiles.tile(large, 3, 5, 0));
  EXPECT_FALSE(tiles.tile(large, 4, 0, 0));
  EXPECT_TRUE(fs::is_empty(folder_ / "incoming"));

  const auto made = fs::last_write_time(*corner);
  EXPECT_EQ(tiles.pyramid(large)->levels, 4);
  EXPECT_EQ(fs::last_write_time(*corner), made);

  // They go with the dream
  Dream gone = large;
  gone.deleted = 1;
  store.update_dream(gone);
  store.empty_bin(2);
  EXPECT_FALSE(fs::exists(*corner));
}

TEST_F(TilesTest, AreLeftOutWhereTheFileIsDamaged) {
  Store store(folder_);
  const Dream dream = add(store, 2100, 300);
  fs::resize_file(store.path_of(dream), 3000);
  TileMaker tiles(store);
  auto pyramid = tiles.pyramid(dream);
  for (int tries = 0; pyramid && tries < 20; ++tries) pyramid = tiles.pyramid(dream);
  EXPECT_FALSE(pyramid);
  EXPECT_TRUE(fs::is_empty(folder_ / "incoming"));
}

TEST_F(TilesTest, AreServed) {
  std::string id;
  {
    Store store(folder_);
    id = add(store, 2100, 300).id;
  }
  const auto studio = service();
  Json about = Json::object();
  for (int tries = 0; about.value("levels", 0) == 0 && tries < 20; ++tries)
    about = send(*studio, "GET", "/dreams/" + id + "/tiles").json();
  EXPECT_EQ(about, (Json{{"width", 2100}, {"height", 300}, {"tile", 512}, {"levels", 4}}));
  const Answer tile = send(*studio, "GET", "/dreams/" + id + "/tile/3/1_0");
  EXPECT_EQ(tile.status, 200);
  EXPECT_TRUE(tile.has_header("image/jpeg"));
  for (const char* none : {"3/9_0", "9/0_0", "3/-1_0", "3/1", "3/_", "3/1_0x", "x/1_0", "3/..%2f_0",
                           "3/99999999999_0"})
    EXPECT_EQ(send(*studio, "GET", "/dreams/" + id + "/tile/" + none).status, 404) << none;
  EXPECT_EQ(send(*studio, "GET", "/dreams/" + std::string(26, '0') + "/tiles").status, 404);
}

TEST_F(TilesTest, DreamsLeaveTheBinAfterThirtyDays) {
  const std::int64_t day = std::int64_t{24} * 60 * 60 * 1000;
  std::string older, newer;
  {
    Store store(folder_);
    older = add(store, 32, 24, now_ms() - 31 * day).id;
    newer = add(store, 32, 24, now_ms() - 29 * day).id;
  }
  const auto studio = service();
  EXPECT_EQ(send(*studio, "GET", "/dreams/" + older).status, 404);
  EXPECT_EQ(send(*studio, "GET", "/dreams/" + newer).status, 200);
}

TEST_F(TilesTest, AFullFolderTakesNothingMore) {
  const auto studio = service("1M");
  ImageOptions options;
  options.format = "png";
  const std::string small = encode_image(cloudscape(64, 48, 1), options);
  const Answer kept = send(*studio, "POST", "/assets", small, "image/png");
  ASSERT_EQ(kept.status, 201);
  const Answer refused = send(*studio, "POST", "/assets",
                              small + std::string(std::size_t{1} << 20, '\0'), "image/png");
  EXPECT_EQ(refused.status, 507);
  EXPECT_NE(refused.body.find("--limit"), std::string::npos) << refused.body;
  const Json job{{"kind", "image"},
                 {"source", "asset:" + kept.json().at("id").get<std::string>()},
                 {"recipe", {{"octaves", 1}, {"iterations", 1}}}};
  EXPECT_EQ(send(*studio, "POST", "/jobs", job.dump()).status, 202);

  std::ofstream(folder_ / "thumbs/large", std::ios::binary) << std::string(1 << 20, 'x');
  studio->tick();
  EXPECT_EQ(send(*studio, "POST", "/jobs", job.dump()).status, 507);
  EXPECT_EQ(send(*studio, "GET", "/dreams").status, 200);
  EXPECT_THROW(service("much"), Error);
}

TEST(RoomTest, LeavesTheDiskSomeRoom) {
  ScratchFolder scratch;
  EXPECT_EQ(Room(scratch.path(), 0, 0).refusal(1000), "");
  const std::uintmax_t free = fs::space(scratch.path()).available;
  EXPECT_NE(Room(scratch.path(), 0, free * 2).refusal(0).find("--folder"), std::string::npos);
  EXPECT_NE(Room(scratch.path(), 0, 0).refusal(free * 2), "");
  Room room(scratch.path(), 1000, 0);
  EXPECT_EQ(room.refusal(600), "");
  EXPECT_NE(room.refusal(600), "");  // what was let in counts
  EXPECT_EQ(room.refusal(400), "");
}

}  // namespace
}  // namespace reverie::studio
