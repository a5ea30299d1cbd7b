#include "reverie/octave/octave_loop.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/ascent/gaussian.h"
#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/base/threads.h"
#include "reverie/graph/small_graph_fixture.h"
#include "reverie/image/resample.h"

namespace reverie {
namespace {

struct Trial {
  std::unique_ptr<Compiler> compiler;
  std::shared_ptr<const BoundObjective> objective;
  OctaveOptions options;
  OctaveHooks hooks;
  Tensor source;

  explicit Trial(Size size, const Graph& graph = small_graph())
      : source({3, size.height, size.width}) {
    objective = std::make_shared<const BoundObjective>(bind({{{"b", {}, 1, {}}}}, graph));
    compiler = make_compiler(graph, objective->layers, Precision::exact);
    options.ascent.iterations = 3;
    hooks.context = [](int octave, int iteration) {
      return StepContext{octave, iteration, {octave * 3 + iteration, iteration}};
    };
    RandomStream stream = Random(2).at(RandomUse::noise, 0, 0, 0);
    for (float& v : source.elements()) v = 255 * stream.uniform();
  }
  OctaveResult run() { return run_octaves(source, *compiler, objective, options, hooks); }
};

// The steps of octave 1 for a trial whose only octave it is.
StepContext of_octave_1(int, int iteration) { return {0, iteration, {3 + iteration, iteration}}; }

TEST(OctaveMode, AscendsEveryOctaveAndReportsIt) {
  Trial trial({48, 64});
  std::vector<int> heights;
  double last_fraction = 0, first_objective = 0, last_objective = 0;
  trial.hooks.after_step = [&](const OctaveProgress& progress, const Step& step, ConstView canvas) {
    EXPECT_EQ(canvas.shape().height(), progress.size.height);
    EXPECT_GT(progress.fraction, last_fraction);
    last_fraction = progress.fraction;
    if (step.iteration == 0)
      heights.push_back(static_cast<int>(progress.size.height)), first_objective = step.objective;
    last_objective = step.objective;
  };
  const OctaveResult result = trial.run();
  EXPECT_EQ(heights, (std::vector<int>{17, 24, 34, 48}));
  EXPECT_DOUBLE_EQ(last_fraction, 1);
  EXPECT_GT(last_objective, first_objective);
  EXPECT_EQ(result.octaves_finished, 4);
  EXPECT_FALSE(result.cancelled);
  EXPECT_EQ(result.canvas.shape(), trial.source.shape());
}

// A network that goes down and up again fits some sizes only.
TEST(OctaveMode, OctavesAreOfSizesThatBranchesMeetAt) {
  Graph graph;
  graph.add("data", Input{}, {});
  Pool half{Pool::Kind::average, {}, false, Pool::Rounding::down, true};
  half.window.kernel_h = half.window.kernel_w = half.window.stride_h = half.window.stride_w = 4;
  Resize larger;
  larger.scale_h = larger.scale_w = 4;
  graph.add("down", half, {0});
  graph.add("up", larger, {1});
  graph.add("b", Concat{}, {0, 2});
  Trial trial({48, 64}, graph);
  std::vector<Size> sizes;
  trial.hooks.after_step = [&](const OctaveProgress& progress, const Step& step, ConstView) {
    if (step.iteration == 0) sizes.push_back(progress.size);
  };
  EXPECT_EQ(trial.run().octaves_finished, 4);
  EXPECT_EQ(sizes, (std::vector<Size>{{16, 24}, {24, 32}, {32, 44}, {48, 64}}));
  EXPECT_THROW(Trial({48, 65}, graph).run(), BadShape);
}

TEST(OctaveMode, OneOctaveIsOneAscent) {
  Trial trial({20, 30});
  trial.options.octaves = 1;
  Tensor seen;
  trial.hooks.after_step = [&](const OctaveProgress&, const Step&, ConstView canvas) {
    seen = Tensor::copy_of(canvas);
  };
  const OctaveResult result = trial.run();
  EXPECT_TRUE(
      std::equal(seen.elements().begin(), seen.elements().end(), result.canvas.elements().begin()));
}

TEST(OctaveMode, KeepsTheLastFinishedOctaveWhenCancelled) {
  Trial trial({48, 64});
  CancelToken cancel;
  trial.hooks.cancel = &cancel;
  Tensor second;
  trial.hooks.after_step = [&](const OctaveProgress& progress, const Step& step, ConstView canvas) {
    if (progress.octave == 1 && step.iteration == 2) second = Tensor::copy_of(canvas);
    if (progress.octave == 2) cancel.cancel();
  };
  const OctaveResult result = trial.run();
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.octaves_finished, 2);

  // source + enlarged (octave 1 - its base), the chain of bases made as the octave loop makes it
  const Tensor larger = resampled(trial.source, 34, 46, Resampler::scipy_zoom);
  const Tensor base = resampled(larger, 24, 33, Resampler::scipy_zoom);
  Tensor detail(base.shape());
  for (std::int64_t i = 0; i < detail.size(); ++i) detail[i] = second[i] - base[i];
  const Tensor enlarged = resampled(detail, 48, 64, Resampler::scipy_zoom);
  for (std::int64_t i = 0; i < enlarged.size(); ++i)
    ASSERT_EQ(result.canvas[i], trial.source[i] + enlarged[i]) << i;
}

// What an observer sees of each octave's last canvas.
std::vector<Tensor> last_canvases(Trial& trial, OctaveResult& result) {
  std::vector<Tensor> canvases;
  trial.hooks.after_step = [&](const OctaveProgress& progress, const Step& step, ConstView canvas) {
    if (step.iteration + 1 == trial.options.ascent.iterations)
      canvases.push_back(Tensor::copy_of(canvas));
    EXPECT_EQ(progress.size.width, canvas.shape().width());
  };
  result = trial.run();
  return canvases;
}

void expect_equal(const Tensor& a, const Tensor& b, float tolerance = 0) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

TEST(OctaveMode, RunningEndsAtThePicturesSizeFromLevelsAboveIt) {
  Trial trial({48, 64});
  trial.options.octave_mode = OctaveMode::running;
  trial.options.resize = Resizing::tf2;
  trial.options.octaves_above = 2;
  trial.options.quantize_result = true;
  trial.options.ascent.step = 0;
  OctaveResult result;
  const std::vector<Tensor> seen = last_canvases(trial, result);
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[3].shape(), (Shape{3, 94, 125}));

  // With no steps, what is left is one picture that runs through the sizes
  Tensor expected = trial.source.clone();
  for (const Tensor& canvas : seen) {
    expected =
        resampled(expected, canvas.shape().height(), canvas.shape().width(), Resampler::tf_half);
    expect_equal(canvas, expected);
  }
  for (float& v : expected.elements()) v = std::trunc(v);
  expect_equal(result.canvas, resampled(expected, 48, 64, Resampler::tf_half));
}

TEST(OctaveMode, RecursionBlursDownAndBlendsUp) {
  Trial trial({48, 64});
  trial.options.octave_mode = OctaveMode::recursive;
  trial.options.octave_scale = 1;
  trial.options.octaves = 2;
  trial.options.recursion_keep = 0.25;
  OctaveResult result;
  const std::vector<Tensor> seen = last_canvases(trial, result);
  ASSERT_EQ(seen.size(), 2u);

  Trial deepest({48, 64});
  deepest.options = trial.options;
  deepest.options.octaves = 1;
  convolve(trial.source, gaussian_taps(0.5, 2), Edge::symmetric, deepest.source);
  const Tensor below = deepest.run().canvas;
  expect_equal(seen[0], below);

  Trial top({48, 64});
  top.options = deepest.options;
  for (std::int64_t i = 0; i < below.size(); ++i)
    top.source[i] = 0.25f * trial.source[i] + 0.75f * below[i];
  top.hooks.context = of_octave_1;
  expect_equal(result.canvas, top.run().canvas, 1e-4f);
}

// TensorFlow 1's notebook keeps hi = picture - enlarged(shrunk), and adds it on the way up.
TEST(OctaveMode, DetailIsTheSumOfLowAndHigh) {
  Trial trial({48, 64});
  trial.options.resize = Resizing::tf1;
  trial.options.octaves = 2;
  trial.options.ascent.clip = false;
  OctaveResult result;
  const std::vector<Tensor> seen = last_canvases(trial, result);
  Trial second({48, 64});
  second.options = trial.options;
  second.options.octaves = 1;
  second.hooks.context = of_octave_1;
  const auto grown = [](const Tensor& small) {
    return resampled(small, 48, 64, Resampler::tf_legacy);
  };
  const Tensor low = resampled(trial.source, 34, 45, Resampler::tf_legacy);
  const Tensor enlarged = grown(low), dreamed = grown(seen[0]);
  for (std::int64_t i = 0; i < enlarged.size(); ++i)
    second.source[i] = dreamed[i] + (trial.source[i] - enlarged[i]);
  expect_equal(result.canvas, second.run().canvas, 2e-3f);
}

TEST(OctaveMode, DetailKeepsTheSourceFromLevelsAboveIt) {
  Trial trial({48, 64});
  trial.options.octaves_above = 1;
  trial.options.resize = Resizing::lanczos;
  trial.options.ascent.step = 0;
  expect_equal(trial.run().canvas, trial.source);
}

TEST(OctaveMode, RandomTilesAreDrawnForTheirPlace) {
  Trial trial({40, 50});
  trial.options.tiling.tiling = Tiling::random;
  trial.options.tiling.tile = 25;
  trial.options.octaves = 2;
  std::vector<std::pair<int, int>> places;
  trial.hooks.context = [&](int octave, int iteration) {
    return StepContext{.draw = [&places, octave, iteration](int, int high) {
      if (places.empty() || places.back() != std::pair(octave, iteration))
        places.emplace_back(octave, iteration);
      return high;
    }};
  };
  trial.run();
  EXPECT_EQ(places,
            (std::vector<std::pair<int, int>>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
}

TEST(OctaveMode, LeavesOutOctavesThatAreTooSmallAndSaysSo) {
  Trial trial({10, 14});
  std::string heard;
  trial.hooks.notices = [&](const std::string& line) { heard += line; };
  EXPECT_EQ(trial.run().octaves_finished, 2);
  EXPECT_NE(heard.find("2 of 4 octaves left out"), std::string::npos) << heard;
  EXPECT_THROW(Trial({5, 6}).run(), BadShape);
}

TEST(OctaveMode, TilesGiveTheSameStepAsTheWhole) {
  Trial whole({180, 230});
  whole.options.octaves = 1;
  whole.options.ascent.iterations = 1;
  Trial tiled({180, 230});
  tiled.options = whole.options;
  tiled.options.tiling.tile = 128;
  std::string heard;
  tiled.hooks.notices = [&](const std::string& line) { heard += line; };
  const Tensor a = whole.run().canvas, b = tiled.run().canvas;
  EXPECT_NE(heard.find("4 tiles of 130x128"), std::string::npos) << heard;
  double difference = 0, moved = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    difference += std::pow(a[i] - b[i], 2);
    moved += std::pow(a[i] - whole.source[i], 2);
  }
  EXPECT_LT(std::sqrt(difference / moved),
            1e-5);  // rounding: tiles have the halo that the layer needs
}

TEST(OctaveMode, TilesWhenMemoryAsksForIt) {
  Trial trial({280, 300});
  trial.options.octaves = 1;
  trial.options.ascent.iterations = 1;
  trial.options.tiling.plan_memory = 1 << 20;
  std::string heard;
  trial.hooks.notices = [&](const std::string& line) { heard += line; };
  trial.run();
  EXPECT_NE(heard.find("4 tiles of 256x256"), std::string::npos) << heard;
}

TEST(OctaveMode, MatchToneKeepsTheToneOfALongDreamAtEveryOctave) {
  const auto drift_of = [](ToneMatch match_tone) {
    Trial trial({40, 48});
    for (std::int64_t i = 0; i < trial.source.size(); ++i)
      trial.source[i] = 90 + 0.3f * trial.source[i];
    trial.options.octaves = 2;
    trial.options.octaves_above = 1;
    trial.options.ascent.iterations = 60;
    trial.options.match_tone = match_tone;
    const Tone before = tone_of(trial.source), after = tone_of(trial.run().canvas);
    return std::pair(std::abs(after.mean[1] / before.mean[1] - 1),
                     std::abs(after.contrast / before.contrast - 1));
  };
  const auto [brightness, contrast] = drift_of(ToneMatch::full);
  EXPECT_LT(brightness, 0.002);
  EXPECT_LT(contrast, tone_bound + 0.002);
  EXPECT_LT(drift_of(ToneMatch::mean).first, 0.002);
  const auto [free_brightness, free_contrast] = drift_of(ToneMatch::none);
  EXPECT_GT(free_brightness, 0.01);
  EXPECT_GT(free_contrast, 0.1);
}

TEST(OctaveMode, OutsideTheMaskEveryBitIsTheSources) {
  for (OctaveMode octave_mode : {OctaveMode::detail, OctaveMode::running, OctaveMode::recursive})
    for (ToneMatch match_tone : {ToneMatch::none, ToneMatch::full}) {
      Trial trial({40, 48});
      Tensor mask({1, 40, 48});
      for (std::int64_t y = 10; y < 30; ++y)
        for (std::int64_t x = 12; x < 36; ++x) mask.view().at(0, y, x) = 1;
      trial.options.octave_mode = octave_mode;
      trial.options.match_tone = match_tone;
      trial.options.octaves = 2;
      trial.options.mask = mask;
      const Tensor canvas = trial.run().canvas;
      std::int64_t moved = 0;
      for (std::int64_t i = 0; i < canvas.size(); ++i) {
        if (mask[i % mask.size()] == 0) {
          ASSERT_EQ(canvas[i], trial.source[i]) << i;
        }
        moved += canvas[i] != trial.source[i];
      }
      EXPECT_GT(moved, 3 * 20 * 24 / 2);
    }
}

// The source is bright inside the mask and dark outside, so that a tone of the whole picture is
// far from that of the dreaming part.
TEST(OctaveMode, ToneIsMatchedInsideTheMaskAtEveryStep) {
  for (OctaveMode octave_mode : {OctaveMode::detail, OctaveMode::running}) {
    Trial trial({40, 48});
    Tensor mask({1, 40, 48});
    for (std::int64_t i = 0; i < trial.source.size(); ++i) {
      const bool inside = i % 48 >= 24;
      if (i < mask.size()) mask[i] = inside ? 1.f : 0.f;
      trial.source[i] = (inside ? 150 : 10) + 0.3f * trial.source[i];
    }
    trial.options.octave_mode = octave_mode;
    trial.options.match_tone = ToneMatch::mean;
    trial.options.octaves = 2;
    trial.options.mask = mask;
    const Tone wanted = tone_of(trial.source, mask);
    int seen = 0;
    trial.hooks.after_step = [&](const OctaveProgress& progress, const Step&, ConstView canvas) {
      if (progress.octave != 1) return;
      ++seen;
      const Tone now = tone_of(canvas, mask);
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(now.mean[c], wanted.mean[c], 0.1);
      // Outside nothing moves, but for what was carried up from the octave below
      if (octave_mode != OctaveMode::detail) return;
      for (std::int64_t i = 0; i < canvas.size(); ++i)
        if (i % 48 < 20) {
          ASSERT_NEAR(canvas[i], trial.source[i], 1e-3) << i;
        }
    };
    trial.run();
    EXPECT_EQ(seen, 3);
  }
}

// The distance to the source is that at the octave's own size.
TEST(OctaveMode, SourcePenaltyHoldsEachOctaveToItsOwnSource) {
  Trial trial({48, 64});
  trial.options.octaves = 2;
  trial.options.ascent.source_penalty = 0.5;
  OctaveResult result;
  const std::vector<Tensor> seen = last_canvases(trial, result);
  ASSERT_EQ(seen.size(), 2u);
  Trial small({34, 46});
  small.options = trial.options;
  small.options.octaves = 1;
  small.source = resampled(trial.source, 34, 46, Resampler::scipy_zoom);
  expect_equal(seen[0], small.run().canvas);
  small.options.ascent.source_penalty = 0;
  EXPECT_NE(seen[0][100], small.run().canvas[100]);
}

TEST(OctaveMode, ContextsAreAskedOnceForEachStep) {
  Trial trial({40, 50});
  trial.options.octaves = 2;
  std::vector<std::pair<int, int>> places;
  trial.hooks.context = [&](int octave, int iteration) {
    places.emplace_back(octave, iteration);
    return StepContext{octave, iteration};
  };
  trial.run();
  EXPECT_EQ(places,
            (std::vector<std::pair<int, int>>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
}

// Every thread that works on a plan of it takes memory of its own.
class HungryCompiler : public Compiler {
 public:
  explicit HungryCompiler(std::unique_ptr<Compiler> compiler) : compiler_(std::move(compiler)) {}
  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    return compiler_->compile(height, width);
  }
  std::size_t plan_bytes(std::int64_t height, std::int64_t width) override {
    return static_cast<std::size_t>(thread_count() * height * width * 1000);
  }
  const Graph& graph() const override { return compiler_->graph(); }
  const std::vector<int>& targets() const override { return compiler_->targets(); }
  Precision precision() const override { return compiler_->precision(); }

 private:
  std::unique_ptr<Compiler> compiler_;
};

TEST(OctaveGradient, TilesDoNotDependOnTheThreads) {
  HungryCompiler compiler(std::move(Trial({48, 64}).compiler));
  const int threads = thread_count();
  TilingOptions options;
  options.plan_memory = 512 * 512 * 1000;
  EXPECT_EQ(tile_for(compiler, {2000, 3000}, options), 512);
  set_thread_count(4);
  EXPECT_EQ(tile_for(compiler, {2000, 3000}, options), 512);
  EXPECT_EQ(thread_count(), 4);
  set_thread_count(threads);
}

TEST(OctaveGradient, PlacesFollowTheRolledCanvas) {
  const Graph graph = small_graph();
  Term term{"b", {}, 1, {}};
  term.at = Place{0.25, 0.4};
  const auto objective = std::make_shared<const BoundObjective>(bind({{term}}, graph));
  const auto compiler = make_compiler(graph, objective->layers, Precision::exact);
  const Tensor canvas = Trial({48, 64}).source.clone();
  OctaveGradient gradient_of({48, 64}, *compiler, objective, {}, {});
  Tensor grad(canvas.shape()), rolled(canvas.shape()), rolled_grad(canvas.shape()),
      back(canvas.shape());
  gradient_of.run(canvas, grad, {});
  roll(canvas, {16, 8}, rolled);  // multiples of the stride: the same neurons see the place
  gradient_of.run(rolled, rolled_grad, {.offset = {16, 8}});
  roll(rolled_grad, {-16, -8}, back);
  expect_equal(back, grad, 1e-4f);
}

TEST(OctaveMode, ColoursStayWhereOnlyLightMayDream) {
  Trial trial({40, 48});
  for (float& v : trial.source.elements()) v = 60 + v / 2;  // room on both sides
  trial.options.octaves = 2;
  trial.options.ascent.color = Color::keep;
  const Tensor canvas = trial.run().canvas;
  const std::int64_t plane = 40 * 48;
  double moved = 0;
  for (std::int64_t i = 0; i < plane; ++i) {
    for (std::int64_t c = 1; c < 3; ++c)
      ASSERT_NEAR(canvas[i] - canvas[c * plane + i], trial.source[i] - trial.source[c * plane + i],
                  1e-3);
    moved += std::abs(canvas[i] - trial.source[i]);
  }
  EXPECT_GT(moved / static_cast<double>(plane), 1);
}

TEST(OctaveMode, LayersMayTakePartAtSomeOctavesOnly) {
  Trial early({40, 48}), both({40, 48});
  const Graph graph = small_graph();
  Term a{"a", {}, 1, {}}, b{"b", {}, 1, {}};
  b.octaves = {1, 3};
  a.octaves = {0, 0};
  early.objective = std::make_shared<const BoundObjective>(bind({{a, b}}, graph));
  early.compiler = make_compiler(graph, early.objective->layers, Precision::exact);
  early.options.octaves = both.options.octaves = 2;
  OctaveResult of_early, of_both;
  const auto first = last_canvases(early, of_early), other = last_canvases(both, of_both);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_NE(first[0][0], other[0][0]);  // it ascended a, the other b

  early.options.octaves = 3;
  a.octaves = {0, 1};
  b.octaves = {1, 1};
  early.objective = std::make_shared<const BoundObjective>(bind({{a, b}}, graph));
  EXPECT_THROW(early.run(), BadRecipe);
}

// How much neighbours differ across the picture's own edges, measured in how much they do inside.
double seam(ConstView picture) {
  const std::int64_t height = picture.shape().height(), width = picture.shape().width();
  double at_edges = 0, inside = 0;
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const float here = picture.at(c, y, x);
        const double across = std::abs(here - picture.at(c, y, (x + 1) % width));
        const double down = std::abs(here - picture.at(c, (y + 1) % height, x));
        (x + 1 == width ? at_edges : inside) += across;
        (y + 1 == height ? at_edges : inside) += down;
      }
  const double edges = static_cast<double>(height + width);
  return at_edges / edges / (inside / (2.0 * static_cast<double>(height * width) - edges));
}

TEST(OctaveMode, LeavesNoSeamAround) {
  for (const Smoothing how : {Smoothing::none, Smoothing::growing, Smoothing::cascade})
    for (const OctaveMode octave_mode :
         {OctaveMode::detail, OctaveMode::running, OctaveMode::recursive}) {
      Trial trial({96, 120});
      for (float& v : trial.source.elements()) v = 120 + v / 100;
      trial.options.octave_mode = octave_mode;
      trial.options.octaves = 3;
      trial.options.ascent.iterations = 10;
      trial.options.ascent.step = 6;
      trial.options.ascent.smooth = how;
      trial.hooks.context = [](int, int) { return StepContext{}; };
      const double before = seam(trial.run().canvas);
      trial.options.ascent.wrap = trial.options.tiling.wrap = true;
      const double after = seam(trial.run().canvas);
      EXPECT_GT(before, 1.05) << static_cast<int>(octave_mode) << " " << static_cast<int>(how);
      // A seam would be above 1, blurred edges far below; it varies with what happens to lie there
      EXPECT_LT(after, 1.2) << static_cast<int>(octave_mode) << " " << static_cast<int>(how);
      EXPECT_GT(after, 0.6) << static_cast<int>(octave_mode) << " " << static_cast<int>(how);
    }
}

}  // namespace
}  // namespace reverie
