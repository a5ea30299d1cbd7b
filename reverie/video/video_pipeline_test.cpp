#include "reverie/video/video_pipeline.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <thread>

#include "reverie/base/error.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// A video of clouds that pass, small enough for the thread sanitizer.
class VideoPipelineTest : public ::testing::Test {
 protected:
  static constexpr int frames = 6;

  VideoPipelineTest() {
    std::string name = ::testing::TempDir() + "/pipeline-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    recipe_ = video_recipe();
    recipe_.octaves = 1;
    recipe_.iterations = 1;
    recipe_.layers = {{"3b/output", {}, 1}};
    document_.video.emplace();
    options_.video = folder_ / "source.avi";
    options_.output = folder_ / "dream.mkv";
    options_.measure = true;
    options_.preview = folder_ / "preview.png";
    write_source();
  }
  ~VideoPipelineTest() override { fs::remove_all(folder_); }

  void write_source() const {
    VideoOptions form;
    VideoWriter writer(options_.video, 64, 48, form);
    for (int frame = 0; frame < frames; ++frame) {
      writer.add(cloudscape(64, 48, frame < 3 ? 5 : 6));
    }
    writer.finish(false);
  }

  // Dreams the video, or goes on with it, and calls `at_frame` after each frame.
  VideoPipelineResult make(
      const CancelToken& cancel, const std::function<void(int)>& at_frame = [](int) {}) {
    const VideoSettings settings;
    VideoSource source(options_.video, settings, std::nullopt, {});
    Video video(open_network(""), recipe_, settings);
    Checkpoint checkpoint(checkpoint_paths(options_.output, false), document_, false);
    std::atomic<int> notices = 0;
    VideoPipeline pipeline(options_, source, video, checkpoint);
    return pipeline.make(
        cancel, [&](int made, ConstView) { at_frame(made); },
        [&](const std::string&) { ++notices; });
  }

  int frames_of(const fs::path& video) const {
    VideoReader reader(video);
    int count = 0;
    for (Image frame; reader.next(frame);) ++count;
    return count;
  }

  fs::path folder_;
  Recipe recipe_;
  DreamDocument document_;
  VideoPipelineOptions options_;
};

TEST_F(VideoPipelineTest, MakesEveryFrameAndLeavesTheVideoAlone) {
  std::vector<int> heard;
  const VideoPipelineResult result = make({}, [&](int done) { heard.push_back(done); });
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.frames, frames);
  EXPECT_EQ(heard, (std::vector<int>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(frames_of(options_.output), frames);
  EXPECT_TRUE(fs::exists(options_.preview));
  EXPECT_FALSE(has_checkpoint(options_.output));
}

// Another thread asks for the end while a frame is dreamed: that frame is the last.
TEST_F(VideoPipelineTest, EndsAfterTheFrameInHandAndGoesOn) {
  CancelToken cancel;
  std::jthread other;
  const VideoPipelineResult first = make(cancel, [&](int done) {
    if (done == 2) {
      other = std::jthread([&] { cancel.cancel(); });
      other.join();
    }
  });
  EXPECT_FALSE(first.complete);
  EXPECT_EQ(first.frames, 2);
  EXPECT_EQ(frames_of(options_.output), 2);
  ASSERT_TRUE(has_checkpoint(options_.output));

  int dreamed = 0;
  const VideoPipelineResult second = make({}, [&](int) { ++dreamed; });
  EXPECT_TRUE(second.complete);
  EXPECT_EQ(dreamed, frames - 2);
  EXPECT_EQ(frames_of(options_.output), frames);
}

TEST_F(VideoPipelineTest, KeepsWhatIsFinishedWhenWritingFails) {
  options_.output = folder_ / "gone" / "dream.mkv";
  fs::create_directory(folder_ / "gone");
  const auto lose_the_folder = [&](int done) {
    if (done == 3) fs::rename(folder_ / "gone", folder_ / "lost");
  };
  EXPECT_THROW(make({}, lose_the_folder), Error);
  EXPECT_FALSE(fs::exists(options_.output));
  fs::rename(folder_ / "lost", folder_ / "gone");
  EXPECT_TRUE(has_checkpoint(options_.output));
}

}  // namespace
}  // namespace reverie
