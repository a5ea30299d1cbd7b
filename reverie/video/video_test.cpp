#include "reverie/video/video.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"
#include "reverie/image/tone.h"

namespace reverie {
namespace {

// A camera goes over clouds, 3 px a frame.
class VideoTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t width = 128, height = 96;

  VideoTest() : scene_(cloudscape(300, 160, 5).color.clone()) {
    recipe_ = video_recipe();
    recipe_.octaves = 2;
    recipe_.iterations = 8;
    recipe_.layers = {{"3b/output", {}, 1}};
  }

  Tensor source(int frame) const {
    Tensor part({3, height, width});
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
          part.view().at(c, y, x) = scene_.view().at(c, y + frame, x + 3 * frame);
    return part;
  }

  static Motion motion_between(const Tensor& before, const Tensor& now) {
    Motion motion;
    MotionFinder(FlowEffort::medium).run(before, now, motion);
    return motion;
  }

  // Nothing moves, and all is seen.
  static Motion no_motion() {
    Motion motion;
    motion.flow = Tensor({2, height, width});
    motion.confidence = Tensor({1, height, width});
    for (float& v : motion.confidence.elements()) v = 1;
    return motion;
  }

  // Mean flicker of the dreams of `frames` frames.
  double flicker_of(const VideoSettings& settings, int frames) const {
    Video video(open_network(""), recipe_, settings);
    Tensor canvas, last, scratch;
    video.go_to(0);
    video.begin(source(0), {}, canvas);
    double sum = 0;
    for (int frame = 1; frame < frames; ++frame) {
      last = canvas.clone();
      const Motion motion = motion_between(source(frame - 1), source(frame));
      video.go_to(frame);
      EXPECT_FALSE(video.is_cut(motion));
      video.go_on(source(frame - 1), source(frame), motion, {}, canvas);
      sum += flicker(last, canvas, motion, scratch);
    }
    return sum / (frames - 1);
  }

  Tensor scene_;
  Recipe recipe_;
};

TEST_F(VideoTest, FlickersThreeTimesLessThanFramesDreamedAlone) {
  VideoSettings alone;
  alone.temporal_blend = 0;
  alone.carried_iterations = recipe_.iterations;
  EXPECT_GT(flicker_of(alone, 6) / flicker_of({}, 6), 3);
}

// As if each frame were a picture, with the random numbers of the first.
TEST_F(VideoTest, FlickersLessThanFramesDreamedAlike) {
  Video video(open_network(""), recipe_, {});
  Tensor canvas, last, scratch;
  video.go_to(0);
  video.begin(source(0), {}, last);
  double sum = 0;
  for (int frame = 1; frame < 6; ++frame) {
    video.go_to(0);
    video.begin(source(frame), {}, canvas);
    sum += flicker(last, canvas, motion_between(source(frame - 1), source(frame)), scratch);
    last = canvas.clone();
  }
  EXPECT_GT(sum / 5 / flicker_of({}, 6), 3);
}

TEST_F(VideoTest, KeepsTheLightOfEachFrame) {
  Video video(open_network(""), recipe_, {});
  Tensor canvas;
  video.go_to(0);
  video.begin(source(0), {}, canvas);
  for (int frame = 1; frame < 8; ++frame) {
    video.go_to(frame);
    video.go_on(source(frame - 1), source(frame), motion_between(source(frame - 1), source(frame)),
                {}, canvas);
  }
  const Tone seen = tone_of(source(7)), dreamed = tone_of(canvas);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(dreamed.mean[c], seen.mean[c], 0.5);
  EXPECT_NEAR(dreamed.contrast / seen.contrast, 1, 0.06);
}

TEST_F(VideoTest, AFrameDependsOnTheLastOneAndItsNumberAlone) {
  Video whole(open_network(""), recipe_, {}), rest(open_network(""), recipe_, {});
  Tensor canvas;
  whole.go_to(0);
  whole.begin(source(0), {}, canvas);
  Tensor other = canvas.clone();
  const Motion motion = motion_between(source(0), source(1));
  whole.go_to(1);
  whole.go_on(source(0), source(1), motion, {}, canvas);
  rest.go_to(1);
  rest.go_on(source(0), source(1), motion, {}, other);
  for (std::int64_t i = 0; i < canvas.size(); ++i) ASSERT_EQ(canvas[i], other[i]);
}

TEST_F(VideoTest, HiddenPlacesShowTheNewFrameAndFramesBetweenOnlyCarry) {
  VideoSettings settings;
  settings.every = 2;
  recipe_.match_tone = ToneMatch::none;
  Video video(open_network(""), recipe_, settings);
  Tensor canvas;
  video.go_to(0);
  video.begin(source(0), {}, canvas);
  const Tensor dream = canvas.clone();
  Motion motion = motion_between(source(0), source(0));
  for (float& v : motion.flow.elements()) v = 0;
  for (float& v : motion.confidence.elements()) v = 1;
  motion.confidence[0] = 0;
  video.go_to(1);
  video.go_on(source(0), source(0), motion, {}, canvas);
  EXPECT_EQ(canvas[0], source(0)[0]);
  for (std::int64_t i = 1; i < width; ++i) EXPECT_NEAR(canvas[i], dream[i], 1e-3);
}

// Where nothing moves and no step is made, a frame is the source and what is carried.
TEST_F(VideoTest, CarriesThePartThatItIsTold) {
  VideoSettings settings;
  settings.temporal_blend = 0.75;
  settings.carried_iterations = 0;
  recipe_.match_tone = ToneMatch::none;
  Video video(open_network(""), recipe_, settings);
  Tensor canvas;
  video.go_to(0);
  video.begin(source(0), {}, canvas);
  const Tensor dream = canvas.clone(), seen = source(0);
  const Motion motion = no_motion();
  video.go_to(1);
  video.go_on(source(0), source(0), motion, {}, canvas);
  for (std::int64_t i = 0; i < canvas.size(); ++i)
    ASSERT_NEAR(canvas[i], seen[i] + 0.75 * (dream[i] - seen[i]), 1e-3) << i;
}

// Outside the mask a video is its source to the bit, wherever dreams move to.
TEST_F(VideoTest, OutsideTheMaskFramesAreTheSources) {
  Image mask{Tensor({3, 4, 8}), {}};
  for (std::int64_t i = 0; i < mask.color.size(); ++i) mask.color[i] = i % 8 < 4 ? 255.f : 0.f;
  std::string folder = ::testing::TempDir() + "/video-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  recipe_.mask = folder + "/mask.png";
  write_image(recipe_.mask, mask, {});
  Video video(open_network(""), recipe_, {});
  Tensor canvas;
  video.go_to(0);
  video.begin(source(0), {}, canvas);
  Motion motion = no_motion();
  for (std::int64_t i = 0; i < width * height; ++i) motion.flow[i] = -20;  // dreams go right
  double moved = 0;
  for (int frame = 1; frame < 3; ++frame) {
    const Tensor seen = source(frame);
    video.go_to(frame);
    video.go_on(source(frame - 1), seen, motion, {}, canvas);
    for (std::int64_t i = 0; i < canvas.size(); ++i) {
      if (i % width >= width / 2 + 16) {
        ASSERT_EQ(canvas[i], seen[i]) << i;
      }
      if (i % width < width / 2 - 16) moved += std::abs(canvas[i] - seen[i]);
    }
  }
  EXPECT_GT(moved / static_cast<double>(canvas.size()), 1);
  std::filesystem::remove_all(folder);
}

// A timeline counts frames from 1: keyframe 3 is the third frame.
TEST_F(VideoTest, FollowsItsTimelineFrameByFrame) {
  VideoSettings settings;
  settings.timeline.keyframes.resize(2);
  settings.timeline.keyframes[0].when.value = 2;
  settings.timeline.keyframes[0].values["strength"] = 0.0;
  settings.timeline.keyframes[0].easing = settings.timeline.keyframes[1].easing = Easing::step;
  settings.timeline.keyframes[1].when.value = 3;
  settings.timeline.keyframes[1].values["strength"] = 1.0;
  recipe_.match_tone = ToneMatch::none;
  Video video(open_network(""), recipe_, settings);
  const Motion motion = no_motion();
  const Tensor seen = source(0);
  Tensor canvas;
  const auto distance = [&] {
    double sum = 0;
    for (std::int64_t i = 0; i < canvas.size(); ++i) sum += std::abs(canvas[i] - seen[i]);
    return sum / static_cast<double>(canvas.size());
  };
  video.go_to(0);
  video.begin(seen, {}, canvas);
  EXPECT_EQ(distance(), 0);
  video.go_to(1);
  video.go_on(seen, seen, motion, {}, canvas);
  EXPECT_EQ(distance(), 0);
  video.go_to(2);
  video.go_on(seen, seen, motion, {}, canvas);
  EXPECT_GT(distance(), 0.5);
}

// Has one picture, and knows no path.
class OnePicture : public RecipeFiles {
 public:
  Image picture(const std::string& name, const NoticeSink&) const override {
    if (name != "asset:1") throw FileFailure("no asset '" + name + "'");
    return cloudscape(64, 48, 7);
  }
  std::string bytes(const std::string& name) const override {
    throw FileFailure("no asset '" + name + "'");
  }
};

TEST_F(VideoTest, OpensMasksAndGuidesOfItsTimelineFromTheStore) {
  const auto files = std::make_shared<OnePicture>();
  const auto begin = [&](const std::string& mask, const std::string& guide) {
    Recipe recipe = recipe_;
    recipe.iterations = 1;
    recipe.layers = {{"3b/output", {}, 1}};
    recipe.mask = mask;
    VideoSettings settings;
    settings.timeline.keyframes.resize(1);
    settings.timeline.keyframes[0].values["guide"] = std::vector<GuideSpec>{{guide, 1}};
    Video video(open_network(""), recipe, settings, Device::automatic, {}, files);
    Tensor canvas;
    video.go_to(0);
    video.begin(source(0), {}, canvas);
  };
  EXPECT_NO_THROW(begin("asset:1", "asset:1"));
  EXPECT_THROW(begin("asset:1", "elsewhere.png"), FileFailure);
  EXPECT_THROW(begin("elsewhere.png", "asset:1"), FileFailure);
}

TEST(VideoSettings, AreChecked) {
  const auto refused = [](auto change) {
    VideoSettings settings;
    change(settings);
    EXPECT_THROW(validate(settings), BadRecipe);
  };
  validate(VideoSettings{});
  refused([](VideoSettings& s) { s.temporal_blend = 1.5; });
  refused([](VideoSettings& s) { s.every = 0; });
  refused([](VideoSettings& s) { s.start = 5, s.end = 4; });
  refused([](VideoSettings& s) {
    s.timeline.keyframes.resize(1);
    s.timeline.keyframes[0].values["zoom"] = parse_zoom_step("1.1x");
  });
}

}  // namespace
}  // namespace reverie
