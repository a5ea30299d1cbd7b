// Orders of a page: what becomes a job, and that nothing in them is taken for a path.
#include "apps/studio/requests.h"

#include "apps/studio/test_client.h"
#include "reverie/base/error.h"
#include "reverie/image/image.h"
#include "reverie/recipe/settings_json.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;

class RequestsTest : public testing::Test {
 protected:
  void SetUp() override { add_named_bytes(store_, scratch_.path(), "my sky's.png"); }
  JobRequest request(Json order) {
    order["source"] = sky_;
    return job_request(order, store_);
  }

  ScratchFolder scratch_;
  Store store_{scratch_.path() / "studio"};
  const std::string sky_ = "asset:" + std::string(64, 'a');
};

TEST_F(RequestsTest, ReadsAnOrderAsTheLibraryReadsAJob) {
  const JobRequest read = request(
      {{"kind", "image"},
       {"name", "Sky"},
       {"recipe", {{"layer", {"4c/output@mask=" + sky_}}, {"iterations", 14}, {"size", "512"}}}});
  EXPECT_EQ(read.spec.recipe.iterations, 14);
  EXPECT_EQ(read.spec.recipe.layers[0].mask, sky_);
  EXPECT_EQ(read.what, JobClass::dream);
  EXPECT_TRUE(read.spec.inputs.empty());
  EXPECT_EQ(request({{"kind", "zoom"}}).what, JobClass::film);
  EXPECT_EQ(request({{"kind", "image"}, {"class", "draft"}}).what, JobClass::draft);
  // An order has no say in where the library reads and writes
  const JobRequest sly = request({{"kind", "image"},
                                  {"inputs", {"/etc/passwd"}},
                                  {"output", {{"path", "/tmp/x"}, {"bits", 16}}},
                                  {"mirror", "file:///"},
                                  {"prototxt", "/etc/passwd"}});
  EXPECT_TRUE(sly.spec.inputs.empty());
  EXPECT_EQ(sly.spec.output.path, "");
  EXPECT_EQ(sly.spec.output.bits, 16);
  EXPECT_EQ(sly.spec.prototxt + sly.spec.mirror, "");
}

TEST_F(RequestsTest, AnOrderIsTheSameAfterTheQueueKeptIt) {
  const JobRequest first = request({{"kind", "zoom"},
                                    {"name", "In"},
                                    {"recipe", {{"layer", {"4c/output"}}, {"seed", 5}}},
                                    {"zoom", {{"frames", 33}}}});
  const JobRequest again = job_request(Json::parse(request_to_json(first)), store_);
  EXPECT_EQ(again.spec.recipe, first.spec.recipe);
  EXPECT_EQ(again.spec.zoom, first.spec.zoom);
  EXPECT_EQ(again.name, "In");
  EXPECT_EQ(again.source, sky_);
}

// Every setting of every kind that may name a file, as the library itself describes them
TEST_F(RequestsTest, NoTextOfAnOrderIsTakenForAPath) {
  const std::vector<std::string> paths{"/etc/passwd", "../x",       "file:///etc/passwd",
                                       "x.png",       "asset:../x", "asset:" + std::string(64, 'b'),
                                       "%2e%2e%2fx",  "~/x",        std::string("asset:\0/x", 9)};
  int tried = 0;
  const Json all = Json::parse(settings_json(-1));
  for (const char* part : {"recipe", "zoom", "video"})
    for (const Json& setting : all.at(part)) {
      if (!setting.value("reads_file", false)) continue;
      const std::string key = setting.at("key"), kind = setting.at("kind");
      for (const std::string& path : paths) {
        SCOPED_TRACE(key + " " + path);
        Json value = path;
        if (kind == "layers") value = {"4c/output@mask=" + path};
        if (kind == "guides") value = {path};
        const std::string job = part == std::string("recipe") ? "image" : part;
        EXPECT_THROW(request({{"kind", job}, {part, {{key, value}}}}), BadRecipe);
        ++tried;
        if (kind == "layers") {
          EXPECT_THROW(request({{"kind", "image"},
                                {"recipe", {{"layer", {"4c/output@direction=" + path}}}}}),
                       BadRecipe);
        }
      }
    }
  EXPECT_GT(tried, 50);
  for (const std::string& path : paths) {
    for (const char* kind : {"zoom", "video"})
      for (const Json& keyframe : {Json{{"frame", 0}, {"guide", {path}}},
                                   Json{{"frame", 0}, {"layer", {"4c/output@mask=" + path}}}})
        EXPECT_THROW(request({{"kind", kind}, {kind, {{"timeline", Json::array({keyframe})}}}}),
                     BadRecipe)
            << path << keyframe;
    EXPECT_THROW(job_request({{"kind", "image"}, {"source", path}}, store_), BadRecipe) << path;
    EXPECT_THROW(request({{"kind", "sweep"}, {"sweep", {"mask=" + path + ",x"}}}), BadRecipe)
        << path;
    EXPECT_THROW(files_of(store_)->picture(path, {}), Error) << path;
    EXPECT_THROW(files_of(store_)->bytes(path), Error) << path;
  }
}

TEST_F(RequestsTest, ReadsOnlyKindsThatMakeADreamOfAPicture) {
  EXPECT_THROW(request({{"kind", "redo"}}), BadRecipe);
  EXPECT_THROW(request({{"kind", "atlas"}}), BadRecipe);
  EXPECT_THROW(request({}), BadRecipe);
  EXPECT_THROW(request({{"kind", "image"}, {"recipe", {{"no_such", 1}}}}), BadRecipe);
  EXPECT_THROW(request({{"kind", "image"}, {"parent", "01M8DK5WZ19RW4JSXX4RWR70B4"}}), BadRecipe);
  EXPECT_THROW(job_request(Json::array(), store_), BadRecipe);
}

TEST_F(RequestsTest, IsTheCommandLineThatMakesTheSame) {
  EXPECT_EQ(command_line(request({{"kind", "image"},
                                  {"recipe",
                                   {{"layer", {"4c/output", "3b/output@mask=" + sky_ + "=-0.5"}},
                                    {"iterations", 14},
                                    {"random_flip", true}}}}),
                         store_),
            "reverie image 'my sky'\\''s.png' --layer 4c/output --layer '3b/output@mask=my "
            "sky'\\''s.png=-0.5' --iterations 14 --random-flip");
  EXPECT_EQ(command_line(request({{"kind", "zoom"}, {"zoom", {{"frames", 9}}}}), store_),
            "reverie zoom 'my sky'\\''s.png' --frames 9");
}

TEST(Sizes, AreThoseOfTheDream) {
  Recipe recipe;
  using Size = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(dreamed_size(recipe, 400, 300), Size(400, 300));
  recipe.size = WantedSize{.longest = 200};
  EXPECT_EQ(dreamed_size(recipe, 400, 300), Size(200, 150));
  EXPECT_EQ(dreamed_size(recipe, 300, 400), Size(150, 200));
  recipe.size = WantedSize{.percent = 50};
  EXPECT_EQ(dreamed_size(recipe, 400, 300), Size(200, 150));
  recipe.octaves = 2;
  recipe.octave_scale = 2;
  recipe.iterations = 10;
  EXPECT_DOUBLE_EQ(cost_of(recipe, 400, 300), 200 * 150 * 1.25 * 10 / 1e6);
}

}  // namespace
}  // namespace reverie::studio
