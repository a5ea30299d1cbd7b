#include "reverie/job/job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <type_traits>

#include "reverie/codec/image/image_file.h"
#include "reverie/dream/dreamer.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/job/dream_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Notes what a job says, and cancels it where a test wants that.
class Recorded : public Events {
 public:
  void message(const std::string& line) override { messages.push_back(line); }
  void progress(const JobProgress& at) override { progresses.push_back(at); }
  void preview(const JobProgress& at, ConstView canvas) override {
    (void)at;
    previewed.push_back(canvas.shape());
    if (cancel_after > 0 && static_cast<int>(previewed.size()) == cancel_after) cancel.cancel();
  }
  void image_finished(const ImageReport& report) override { finished.push_back(report.output); }

  std::vector<std::string> messages, finished;
  std::vector<JobProgress> progresses;
  std::vector<Shape> previewed;
  int cancel_after = 0;  // steps or frames; 0: never
  CancelToken cancel;
};

class Job : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("job_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    write_image(path("sky.png"), cloudscape(96, 64, 3), {});
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  JobSpec small(JobKind kind, const std::string& output) const {
    JobSpec spec = job_of_kind(kind, {path("sky.png")});
    spec.recipe.octaves = 2;
    spec.recipe.iterations = 2;
    spec.recipe.precision = Precision::exact;
    spec.output.path = path(output);
    return spec;
  }
  std::string bytes(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
  Recorded events_;
};

TEST_F(Job, DreamsAPictureTellsHowFarItIsAndCarriesItsRecipe) {
  JobSpec spec = small(JobKind::image, "dream.png");
  spec.recipe.seed = 5;
  const JobResult result = run(spec, events_, events_.cancel);
  ASSERT_EQ(result.images.size(), 1u);
  EXPECT_TRUE(result.failures.empty());
  EXPECT_FALSE(result.cancelled);
  EXPECT_EQ(result.images[0].width, 96);
  EXPECT_EQ(result.images[0].octaves, 2);
  EXPECT_EQ(events_.finished, std::vector<std::string>{path("dream.png")});
  ASSERT_EQ(events_.progresses.size(), 4u);
  EXPECT_EQ(events_.progresses.front().octave, 1);
  EXPECT_EQ(events_.progresses.back().octave, 2);
  EXPECT_DOUBLE_EQ(events_.progresses.back().fraction, 1);
  EXPECT_EQ(events_.previewed.back(), (Shape{3, 64, 96}));

  const DreamDocument document = read_dream_document(path("dream.png"));
  EXPECT_EQ(document.recipe, spec.recipe);
  EXPECT_EQ(document.source.name, "sky.png");
  EXPECT_EQ(document.network.layers.size(), 1u);
}

TEST_F(Job, KeepsWhatThePhotographsFileSaysUnlessStripped) {
  ImageOptions camera;
  camera.metadata.exif_tags = {{"exif-ifd0-Make", "ACME"}};
  write_image(path("photo.jpg"), cloudscape(96, 64, 3), camera);
  const auto maker_in = [&](const std::string& name) {
    for (const auto& [tag, text] : read_image_metadata(bytes(name), name).exif_tags)
      if (tag == "exif-ifd0-Make") return text.substr(0, 4);
    return std::string();
  };
  ASSERT_EQ(maker_in("photo.jpg"), "ACME");
  JobSpec spec = small(JobKind::image, "kept.jpg");
  spec.inputs = {path("photo.jpg")};
  run(spec, events_, events_.cancel);
  EXPECT_EQ(maker_in("kept.jpg"), "ACME");
  spec.output.path = path("stripped.jpg");
  spec.output.strip = true;
  run(spec, events_, events_.cancel);
  EXPECT_EQ(maker_in("stripped.jpg"), "");
  EXPECT_FALSE(read_image_recipe(path("stripped.jpg")).empty());
}

TEST_F(Job, GoesOnAfterAPictureThatFails) {
  JobSpec spec = small(JobKind::image, "dreams/");
  std::ofstream(path("bad.png")) << "no picture";
  spec.inputs = {path("bad.png"), path("sky.png")};
  const JobResult result = run(spec, events_, events_.cancel);
  EXPECT_EQ(result.inputs, 2);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].input, path("bad.png"));
  EXPECT_EQ(result.images.size(), 1u);
  EXPECT_TRUE(fs::exists(path("dreams/sky.dream.png")));
}

TEST_F(Job, KeepsTheOctavesThatAreFinishedWhenCancelled) {
  events_.cancel_after = 3;
  const JobResult result = run(small(JobKind::image, "dream.png"), events_, events_.cancel);
  EXPECT_TRUE(result.cancelled);
  ASSERT_EQ(result.images.size(), 1u);
  EXPECT_EQ(result.images[0].octaves, 1);
  EXPECT_TRUE(result.images[0].cancelled);

  Recorded early;
  early.cancel_after = 1;
  EXPECT_TRUE(run(small(JobKind::image, "none.png"), early, early.cancel).images.empty());
  EXPECT_FALSE(fs::exists(path("none.png")));
}

TEST_F(Job, MakesADreamAgainWithWhatIsChanged) {
  run(small(JobKind::image, "dream.png"), events_, events_.cancel);
  JobSpec redo = job_of_kind(JobKind::redo, {path("dream.png")});
  redo.output.path = path("again.png");
  run(redo, events_, events_.cancel);
  EXPECT_EQ(bytes("again.png"), bytes("dream.png"));

  redo.redo.changes = R"({"recipe": {"seed": 9}})";
  redo.output.path = path("other.png");
  run(redo, events_, events_.cancel);
  EXPECT_EQ(read_dream_document(path("other.png")).recipe.seed, 9u);
  EXPECT_NE(bytes("other.png"), bytes("dream.png"));

  redo.redo.changes = R"({"zoom": {"frames": 9}})";
  EXPECT_THROW(run(redo, events_, events_.cancel), BadRecipe);
  redo.redo.changes = R"({"recipe": {"sed": 9}})";
  EXPECT_THROW(run(redo, events_, events_.cancel), BadRecipe);
}

TEST_F(Job, MakesADreamAgainWithAnotherNetworkOnlyWhereThatIsAllowed) {
  run(small(JobKind::image, "dream.png"), events_, events_.cancel);
  DreamDocument document = read_dream_document(path("dream.png"));
  document.network.sha256 = std::string(64, '0');
  ImageOptions options;
  options.recipe = document_to_json(document);
  write_image(path("foreign.png"), read_image(path("dream.png")), options);

  JobSpec redo = job_of_kind(JobKind::redo, {path("foreign.png")});
  redo.output.path = path("again.png");
  EXPECT_THROW(run(redo, events_, events_.cancel), BadModel);
  redo.redo.any_network = true;
  EXPECT_EQ(run(redo, events_, events_.cancel).images.size(), 1u);
}

TEST_F(Job, ZoomsAndGoesOnWhereItWasCancelled) {
  JobSpec spec = small(JobKind::zoom, "frames/");
  spec.zoom.frames = 4;
  run(spec, events_, events_.cancel);
  ASSERT_TRUE(fs::exists(path("frames/frame_000003.png")));
  EXPECT_EQ(events_.progresses.back().done, 4);

  JobSpec parted = spec;
  parted.output.path = path("parted/");
  Recorded first;
  first.cancel_after = 2;
  EXPECT_TRUE(run(parted, first, first.cancel).cancelled);
  EXPECT_FALSE(fs::exists(path("parted/frame_000002.png")));
  Recorded second;
  const JobResult rest = run(parted, second, second.cancel);
  ASSERT_EQ(rest.videos.size(), 1u);
  EXPECT_EQ(rest.videos[0].resumed, 2);
  EXPECT_EQ(rest.videos[0].frames, 4);
  const Image a = read_image(path("frames/frame_000003.png"));
  const Image b = read_image(path("parted/frame_000003.png"));
  EXPECT_TRUE(
      std::equal(a.color.elements().begin(), a.color.elements().end(), b.color.elements().begin()));
}

// The rest of a zoom is dreamed in the tiles of its beginning, whatever memory there is by then.
TEST_F(Job, GoesOnWithTheTilesThatAZoomWasBegunIn) {
  write_image(path("large.png"), cloudscape(352, 288, 3), {});
  const auto zoom = [&](const std::string& output, std::size_t memory, Recorded& events) {
    JobSpec spec = small(JobKind::zoom, output);
    spec.inputs = {path("large.png")};
    spec.recipe.octaves = spec.recipe.iterations = 1;
    spec.zoom.frames = 3;
    spec.machine.plan_memory = memory;
    run(spec, events, events.cancel);
  };
  constexpr std::size_t little = 1'000'000;
  Recorded whole, small_part, rest, untiled;
  zoom("whole/", little, whole);
  small_part.cancel_after = 2;
  zoom("parted/", little, small_part);
  zoom("parted/", default_plan_memory, rest);
  EXPECT_EQ(bytes("parted/frame_000002.png"), bytes("whole/frame_000002.png"));
  zoom("untiled/", default_plan_memory, untiled);
  EXPECT_NE(bytes("untiled/frame_000002.png"), bytes("whole/frame_000002.png"));
}

TEST_F(Job, SweepsOnOneSheet) {
  JobSpec spec = small(JobKind::sweep, "sheet.png");
  spec.sweep = {"step=1,2"};
  const JobResult result = run(spec, events_, events_.cancel);
  ASSERT_EQ(result.sheets.size(), 1u);
  EXPECT_EQ(result.sheets[0].finished, 2);
  std::vector<double> fractions;  // of the whole sweep
  for (const JobProgress& at : events_.progresses) fractions.push_back(at.fraction);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_DOUBLE_EQ(fractions.back(), 1);
  EXPECT_GT(read_image(path("sheet.png")).width(), 2 * 96 - 1);
  spec.sweep = {"step=1,blue"};
  EXPECT_THROW(run(spec, events_, events_.cancel), BadJob);
}

TEST_F(Job, RanksChannelsAndDrawsTheirSheet) {
  JobSpec spec = job_of_kind(JobKind::atlas, {});
  spec.recipe.layers = {parse_layer_spec("3a/concat")};
  spec.atlas.settings = {32, 2, 0};
  spec.atlas.top = TopChannels{path("sky.png"), Place{0.5, 0.5}, 3};
  spec.atlas.cache = path("cache");
  const JobResult ranked = run(spec, events_, events_.cancel);
  ASSERT_EQ(ranked.sheets.size(), 1u);
  EXPECT_TRUE(ranked.sheets[0].output.empty());
  ASSERT_EQ(ranked.sheets[0].channels.size(), 3u);
  EXPECT_GE(*ranked.sheets[0].channels[0].second, *ranked.sheets[0].channels[1].second);
  spec.output.path = path("sheet.png");
  EXPECT_EQ(run(spec, events_, events_.cancel).sheets[0].channels, ranked.sheets[0].channels);
  EXPECT_TRUE(fs::exists(path("sheet.png")));
}

static_assert(std::is_nothrow_move_constructible_v<Dreamer>);
static_assert(std::is_nothrow_move_assignable_v<Dreamer>);

Dreamer dreamer_with_seed(std::uint64_t seed) {
  Recipe recipe;
  recipe.octaves = 1;
  recipe.iterations = 2;
  recipe.seed = seed;
  recipe.precision = Precision::exact;
  return Dreamer(open_network(""), recipe);
}

TEST(MovedDreamer, DreamsAsBefore) {
  const Image sky = cloudscape(64, 64, 3);
  Dreamer whole = dreamer_with_seed(4);
  const Image before = whole.dream(sky, {}).frame;
  std::vector<Dreamer> dreamers;
  dreamers.push_back(dreamer_with_seed(9));
  dreamers.push_back(std::move(whole));
  std::swap(dreamers[0], dreamers[1]);
  const Image after = dreamers[0].dream(sky, {}).frame;
  EXPECT_TRUE(std::equal(before.color.elements().begin(), before.color.elements().end(),
                         after.color.elements().begin()));
}

TEST_F(Job, AsksBeforeItDownloads) {
  JobSpec spec = small(JobKind::image, "dream.png");
  spec.recipe.model = "googlenet";
  setenv("REVERIE_MODELS", path("no models").c_str(), 1);
  EXPECT_THROW(run(spec, events_, events_.cancel), FileFailure);
  unsetenv("REVERIE_MODELS");
}

}  // namespace
}  // namespace reverie
