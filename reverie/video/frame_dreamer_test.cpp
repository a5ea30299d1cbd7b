#include "reverie/video/frame_dreamer.h"

#include <gtest/gtest.h>

#include "reverie/base/random.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/dream/small_network_fixture.h"
#include "reverie/recipe/presets.h"

namespace reverie {
namespace {

TEST(LayersToWander, WhoeverNamesLayersGetsThese) {
  Network network;
  network.graph.add("data", Input{}, {});
  for (const char* layer : {"a", "b", "mixed4c"}) network.graph.add(layer, Relu{}, {0});
  network.default_layer = "a";
  network.good_layers = {"a", "b"};
  const LayerSpec a{"a", {}, 1}, b{"b", {}, 1}, own{"mixed4c", {}, 1};
  Recipe recipe;
  EXPECT_EQ(layers_to_wander(recipe, 75, network, {}), (std::vector<LayerSpec>{a, b}));
  EXPECT_EQ(layers_to_wander(recipe, 0, network, {}), std::vector<LayerSpec>{a});
  recipe.layers = {b};
  EXPECT_EQ(layers_to_wander(recipe, 75, network, {}), std::vector<LayerSpec>{b});
  recipe.layers = {b, own};
  EXPECT_EQ(layers_to_wander(recipe, 75, network, {}), recipe.layers);
  // A preset's own layers are its program's
  EXPECT_EQ(layers_to_wander(load_preset("laplacian"), 75, network, {}),
            std::vector<LayerSpec>{own});
}

class FrameDreamerTest : public ::testing::Test {
 protected:
  FrameDreamerTest() : source_({3, 32, 40}) {
    recipe_.octaves = 1;
    recipe_.jitter = 4;
    recipe_.precision = Precision::exact;
    RandomStream stream = Random(2).at(RandomUse::noise, 0, 0, 0);
    for (float& v : source_.elements()) v = 60 + 130 * stream.uniform();
  }

  Tensor dreamed(FrameDreamer& dreamer, const FrameState& state, int frame, int iterations) const {
    Tensor canvas = source_.clone();
    dreamer.dream(canvas, state, frame, iterations, {});
    return canvas;
  }
  FrameState unchanged() const {
    FrameState state;
    state.recipe = recipe_;
    return state;
  }
  FrameDreamer dreamer() const { return {small_network(), recipe_, Device::automatic, {}}; }

  // A dream of one layer whose steps are `factor` times the recipe's.
  Tensor expected(const Tensor& from, const LayerSpec& layer, double factor, int frame,
                  int iterations) const {
    Recipe recipe = recipe_;
    recipe.layers = {layer};
    recipe.step *= factor;
    recipe.iterations = iterations;
    Image picture;
    picture.color = from.clone();
    return Dreamer(small_network(), recipe)
        .dream(picture, {}, {static_cast<std::uint32_t>(frame)})
        .frame.color;
  }

  Recipe recipe_;
  Tensor source_;
};

void expect_equal(const Tensor& a, const Tensor& b, float tolerance = 0) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

const LayerSpec a{"a", {}, 1}, b{"b", {}, 1};

TEST_F(FrameDreamerTest, EachLayerTakesItsPartOfTheSteps) {
  FrameDreamer both = dreamer();
  FrameState state = unchanged();
  state.strength = 1.5;
  state.layers = {{{a}, 0.25}, {{b}, 0.75}};
  const Tensor first = expected(source_, a, 1.5 * 0.25, 7, 2);
  expect_equal(dreamed(both, state, 7, 2), expected(first, b, 1.5 * 0.75, 7, 2), 1e-4f);
}

TEST_F(FrameDreamerTest, ComesBackToALayerThatItHasLeft) {
  FrameDreamer wandering = dreamer();
  FrameState on_a = unchanged(), on_b = unchanged();
  on_a.layers = {{{a}, 1}};
  on_b.layers = {{{b}, 1}};
  const Tensor first = dreamed(wandering, on_a, 1, 3);
  expect_equal(first, expected(source_, a, 1, 1, 3));
  expect_equal(dreamed(wandering, on_b, 2, 1), expected(source_, b, 1, 2, 1));
  expect_equal(dreamed(wandering, on_a, 1, 3), first);
}

// Each frame has its own recipe, also where that needs other plans.
TEST_F(FrameDreamerTest, FollowsTheRecipeOfEachFrame) {
  FrameDreamer changing = dreamer();
  const auto dreamed_by = [&](auto change) {
    FrameState state = unchanged();
    change(state.recipe);
    state.layers = {{{a}, 1}};
    return dreamed(changing, state, 3, 2);
  };
  const Recipe before = recipe_;
  const auto expect_change = [&](auto change) {
    recipe_ = before;
    const Tensor plain = dreamed_by([](Recipe&) {});
    const Tensor found = dreamed_by(change);
    change(recipe_);
    expect_equal(found, expected(source_, a, 1, 3, 2));
    double moved = 0;
    for (std::int64_t i = 0; i < found.size(); ++i) moved += std::abs(found[i] - plain[i]);
    EXPECT_GT(moved, 0);
    recipe_ = before;
  };
  expect_change([](Recipe& r) { r.step = 3; });
  expect_change([](Recipe& r) { r.octaves = 2; });
  expect_change([](Recipe& r) { r.octaves = 2, r.octave_scale = 1.2; });
  expect_change([](Recipe& r) { r.objective = Reduction::mean; });
  expect_change([](Recipe& r) { r.jitter = 0; });
  expect_change([](Recipe& r) { r.color = Color::keep; });
  expect_change([](Recipe& r) { r.blend = 0.5; });
}

// The mask is fitted anew where a keyframe changes it.
TEST_F(FrameDreamerTest, FollowsTheEdgeOfTheMask) {
  const std::string folder = ::testing::TempDir();
  Image half{Tensor({3, 32, 40}), {}};
  for (std::int64_t i = 0; i < half.color.size(); ++i) half.color[i] = i % 40 < 20 ? 255.f : 0.f;
  recipe_.mask = folder + "frame_dreamer_mask.png";
  ImageOptions options;
  options.overwrite = true;
  write_image(recipe_.mask, half, options);
  FrameDreamer masked = dreamer();
  const auto moved = [&](auto change, std::int64_t column) {
    FrameState state = unchanged();
    change(state.recipe);
    state.layers = {{{a}, 1}};
    const Tensor found = dreamed(masked, state, 1, 2);
    double sum = 0;
    for (std::int64_t i = 0; i < found.size(); ++i)
      if (i % 40 == column) sum += std::abs(found[i] - source_[i]);
    return sum;
  };
  const double sharp = moved([](Recipe&) {}, 18);
  EXPECT_LT(moved([](Recipe& r) { r.mask_feather = 12; }, 18), 0.6 * sharp);
  EXPECT_EQ(moved([](Recipe& r) { r.mask_invert = true; }, 10), 0);
  EXPECT_GT(moved([](Recipe& r) { r.mask_invert = true; }, 30), 0);
}

TEST_F(FrameDreamerTest, LeavesAFrameOfNoStrengthAlone) {
  FrameDreamer still = dreamer();
  FrameState state = unchanged();
  state.strength = 0;
  state.layers = {{{a}, 1}};
  expect_equal(dreamed(still, state, 1, 2), source_);
}

// A whole frame or none: what a cancelled one would leave is no frame.
TEST_F(FrameDreamerTest, CannotBeCancelledWithinAFrame) {
  FrameDreamer whole = dreamer();
  FrameState state = unchanged();
  state.layers = {{{a}, 1}};
  CancelToken cancel;
  cancel.cancel();
  DreamControl control;
  control.cancel = &cancel;
  Tensor canvas = source_.clone();
  whole.dream(canvas, state, 1, 2, control);
  expect_equal(canvas, expected(source_, a, 1, 1, 2));
}

}  // namespace
}  // namespace reverie
