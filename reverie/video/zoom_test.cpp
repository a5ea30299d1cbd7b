#include "reverie/video/zoom.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/image/scene/cloudscape.h"
#include "reverie/video/recursive_zoom.h"

namespace reverie {
namespace {

Recipe light_recipe() {
  Recipe recipe = zoom_recipe();
  recipe.octaves = 1;
  recipe.layers = {{"3a/concat", {}, 1}};
  return recipe;
}

// The canvases of frames 0..count-1.
std::vector<Tensor> frames_of(Zoom& zoom, int count) {
  std::vector<Tensor> frames;
  frames.push_back(Tensor::copy_of(zoom.first()));
  for (int k = 1; k < count; ++k) {
    Tensor canvas = frames.back().clone();
    zoom.advance(canvas, k, {});
    frames.push_back(std::move(canvas));
  }
  return frames;
}

TEST(Zoom, KeepsTheLightOfItsFirstFrame) {
  const Image source = cloudscape(96, 64, 1);
  Zoom zoom(open_network(""), light_recipe(), {}, source);
  const std::vector<Tensor> frames = frames_of(zoom, 12);
  const Tone first = tone_of(frames.front()), last = tone_of(frames.back());
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(last.mean[c], first.mean[c], 0.5);
  EXPECT_NEAR(last.contrast / first.contrast, 1, 0.06);
  double moved = 0;
  for (std::int64_t i = 0; i < frames[0].size(); ++i)
    moved += std::fabs(frames.back()[i] - frames.front()[i]);
  EXPECT_GT(moved / static_cast<double>(frames[0].size()), 1);
}

TEST(Zoom, AFrameDependsOnTheLastOneAndItsNumberAlone) {
  const Image source = cloudscape(96, 64, 1);
  ZoomSettings settings;
  settings.timeline.wander = 3;
  settings.timeline.fade = 2;
  Recipe recipe = light_recipe();
  recipe.layers = {{"3a/concat", {}, 1}, {"conv2", {}, 1}};
  Zoom whole(open_network(""), recipe, settings, source);
  const std::vector<Tensor> frames = frames_of(whole, 8);
  for (int k : {1, 4, 7}) {
    Zoom fresh(open_network(""), recipe, settings, source);
    Tensor canvas = frames[static_cast<std::size_t>(k) - 1].clone();
    fresh.advance(canvas, k, {});
    const Tensor& expected = frames[static_cast<std::size_t>(k)];
    for (std::int64_t i = 0; i < canvas.size(); ++i) ASSERT_EQ(canvas[i], expected[i]) << k;
  }
}

// Hard edges overshoot where the camera interpolates them.
TEST(Zoom, StaysWithinDisplayUnits) {
  Image source{Tensor({3, 48, 64}), {}};
  for (std::int64_t i = 0; i < source.color.size(); ++i)
    source.color[i] = i % 64 / 8 % 2 == 0 ? 0.f : 255.f;
  Recipe recipe = light_recipe();
  recipe.match_tone = ToneMatch::none;
  ZoomSettings settings;
  settings.timeline.strength = 0;  // what the camera sees, and no dream
  settings.camera.zoom = parse_zoom_step("1.05x");
  Zoom zoom(open_network(""), recipe, settings, source);
  Tensor canvas = Tensor::copy_of(zoom.first());
  zoom.advance(canvas, 1, {});
  const auto [low, high] = std::minmax_element(canvas.elements().begin(), canvas.elements().end());
  EXPECT_EQ(*low, 0);
  EXPECT_EQ(*high, 255);
}

// Step by step: the camera, then a dream of each of two layers by its part, then the tone.
TEST(Zoom, AFrameIsWhatItsPartsMake) {
  const Image source = cloudscape(96, 64, 1);
  Recipe recipe = light_recipe();
  const LayerSpec fine{"conv2", {}, 1}, coarse{"3a/concat", {}, 1};
  ZoomSettings settings;
  settings.camera.zoom = parse_zoom_step("1.04x");
  settings.camera.rotate = 1;
  settings.timeline.keyframes.resize(2);
  settings.timeline.keyframes[0].when.value = 1;
  settings.timeline.keyframes[0].values["layer"] = std::vector<LayerSpec>{fine};
  settings.timeline.keyframes[1].when.value = 5;
  settings.timeline.keyframes[1].values["layer"] = std::vector<LayerSpec>{coarse};
  settings.timeline.keyframes[0].easing = settings.timeline.keyframes[1].easing = Easing::linear;
  Zoom zoom(open_network(""), recipe, settings, source);
  Tensor canvas = Tensor::copy_of(zoom.first());
  zoom.advance(canvas, 2, {});  // a quarter of the way from the first keyframe

  Image frame{Tensor({3, 64, 96}), {}};
  CameraMove move;
  move.zoom = 1.04;
  move.turn = 1;
  move_camera(source.color, move, frame.color);
  for (float& v : frame.color.elements()) v = std::min(std::max(v, 0.f), 255.f);
  recipe.match_tone = ToneMatch::none;
  const double step = recipe.step;
  for (const auto& [layer, part] : {std::pair(fine, 0.75), std::pair(coarse, 0.25)}) {
    recipe.layers = {layer};
    recipe.step = step * part;
    frame = Dreamer(open_network(""), recipe).dream(frame, {}, {2}).frame;
  }
  match_tone(frame.color, tone_of(source.color), zoom_recipe().match_tone, true);
  for (std::int64_t i = 0; i < canvas.size(); ++i)
    ASSERT_NEAR(canvas[i], frame.color[i], 1e-3) << i;
}

TEST(RecursiveZoom, CutsToWholeLevelsAsTheProgramDoes) {
  Image frame{Tensor({3, 1, 2}), {}};
  const float before[] = {254.9f, -3, 300, 0.99f, 17, 100.5f}, after[] = {254, 0, 255, 0, 17, 100};
  std::copy(std::begin(before), std::end(before), frame.color.data());
  quantized(frame);
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_EQ(frame.color[i], after[i]) << i;
}

TEST(Zoom, TakesTheRecipesSize) {
  Recipe recipe = light_recipe();
  recipe.size = parse_size("80");
  Zoom zoom(open_network(""), recipe, {}, cloudscape(160, 120, 1));
  EXPECT_EQ(zoom.first().shape(), (Shape{3, 60, 80}));
  Tensor canvas = Tensor::copy_of(zoom.first());
  zoom.advance(canvas, 1, {});
  EXPECT_EQ(canvas.shape(), (Shape{3, 60, 80}));
}

TEST(Zoom, ALoopBeginsWhereItEnds) {
  ZoomSettings settings;
  settings.loop = 10;
  settings.loop_style = LoopStyle::dissolve;
  EXPECT_EQ(dissolve_weight(settings, 0), 1);
  EXPECT_GT(dissolve_weight(settings, 1), 0.9);
  EXPECT_GT(dissolve_weight(settings, 9), 0);
  EXPECT_EQ(dissolve_weight(settings, 10), 0);
  EXPECT_NEAR(dissolve_weight(settings, 2), 1 - 0.104, 1e-12);  // smooth: 3 * 0.2^2 - 2 * 0.2^3
}

}  // namespace
}  // namespace reverie
