// Layers that normalize, resize, pad and move pixels, by the engine against the reference.
#include <gtest/gtest.h>

#include <algorithm>

#include "reverie/base/threads.h"
#include "reverie/plan/cpu/instruction_set_environment.h"
#include "reverie/plan/cpu/trial_comparison.h"

namespace reverie::cpu {
namespace {

[[maybe_unused]] const auto* const environment =
    testing::AddGlobalTestEnvironment(new InstructionSetEnvironment);

// The op after a convolution that a ReLU may end, whose value something else reads as well or does
// not; and between convolutions.
void expect_close_everywhere(std::uint64_t seed, const Op& op, int channels,
                             const std::string& what) {
  for (const auto& relu : {std::optional<float>(), {0.f}, {0.1f}}) {
    Maker maker(seed);
    const int first = maker.conv(0, channels, square(3, 1, 1), relu);
    const int trial = maker.add(op, {first});
    expect_close(maker, {trial}, 11, 14, what);
    const int after = maker.conv(trial, 21, square(3, 1, 1));
    const int beside = maker.conv(first, 17, square(1));
    expect_close(maker, {after, beside}, 11, 14, what + " between convolutions");
    expect_close(maker, {trial, after, first}, 13, 8, what + " as an inner target");
  }
}

// The op of a concat, where channels do not lie in order.
void expect_close_in_concats(std::uint64_t seed, const Op& op, const std::string& what) {
  Maker maker(seed);
  const int a = maker.conv(0, 9, square(3, 1, 1)), b = maker.conv(0, 15, square(1), std::nullopt);
  const int trial = maker.add(op, {maker.add(Concat{}, {a, b, a})});
  const int again = maker.add(Concat{}, {trial, trial});
  expect_close(maker, {maker.conv(again, 12, square(1))}, 12, 9, what + " of a concat");
}

TEST(Normalization, OfPixelsAndPlanes) {
  std::uint64_t seed = 1100;
  for (const auto over : {Normalize::Over::pixel, Normalize::Over::plane})
    for (const auto& [channels, groups] :
         {std::pair{3, 1}, {45, 1}, {32, 1}, {64, 2}, {40, 5}, {33, 3}, {18, 6}}) {
      Maker maker(++seed);
      expect_close_everywhere(seed,
                              Normalize{over, groups, 1e-3f, maker.weights({channels}, 0.5f, 1.5f),
                                        maker.weights({channels}, -1, 1)},
                              channels, "normalize " + std::to_string(channels));
      expect_close_everywhere(seed, Normalize{over, groups, 0.1f, nullptr, nullptr}, channels,
                              "normalize without numbers " + std::to_string(channels));
    }
  for (const auto over : {Normalize::Over::pixel, Normalize::Over::plane})
    for (const int groups : {1, 3, 11})
      expect_close_in_concats(++seed, Normalize{over, groups, 1e-3f, nullptr, nullptr},
                              "normalize");
  Maker instance(++seed);
  expect_close_everywhere(
      seed,
      Normalize{Normalize::Over::plane, 35, 1e-3f, instance.weights({35}, 0.5f, 1.5f),
                instance.weights({35}, -1, 1)},
      35, "instance normalization");
}

// Of large numbers that differ little: squares less the square of the mean would be lost.
TEST(Normalization, OfNumbersFarFromZero) {
  for (const auto over : {Normalize::Over::pixel, Normalize::Over::plane}) {
    Maker maker(1200);
    const int first = maker.conv(0, 24, square(3, 1, 1), std::nullopt);
    // The ReLU changes nothing and keeps the affine from being folded
    const int far = maker.add(Affine{maker.weights({24}, 1, 1), maker.weights({24}, 1000, 1000)},
                              {maker.add(Relu{1}, {first})});
    const int last = maker.add(Normalize{over, 1, 1e-5f, nullptr, nullptr}, {far});
    const Errors e = compare(maker, {last}, 40, 60);
    EXPECT_LT(e.worst_activation, 1e-4);
    EXPECT_LT(e.grad, 1e-4);
  }
}

constexpr auto nearest = Resize::Method::nearest, linear = Resize::Method::linear;
constexpr auto half_pixel = Resize::Coordinates::half_pixel;
constexpr auto asymmetric = Resize::Coordinates::asymmetric;

struct Trial {
  std::string what;
  Op op;  // of any number of channels
};

std::vector<Trial> trials() {
  return {{"layer normalization", Normalize{Normalize::Over::pixel, 1, 1e-3f, nullptr, nullptr}},
          {"plane normalization", Normalize{Normalize::Over::plane, 1, 1e-3f, nullptr, nullptr}},
          {"nearest", Resize{nearest, asymmetric, Resize::Rounding::down, 2, 2}},
          {"linear", Resize{linear, half_pixel, {}, 1.5f, 0.6f}},
          {"zeros around", Pad{Pad::Mode::zero, 1, 2, 3, 4}},
          {"reflection", Pad{Pad::Mode::reflect, 3, 2, 1, 0}},
          {"edges", Pad{Pad::Mode::edge, 3, -1, -2, 5}}};
}

TEST(Resampling, Resizes) {
  std::uint64_t seed = 1600;
  for (const auto method : {nearest, linear})
    for (const auto coordinates : {half_pixel, asymmetric, Resize::Coordinates::align_corners})
      for (const auto& [h, w] : {std::pair{2.f, 2.f}, {1.7f, 0.6f}, {0.5f, 3.f}}) {
        const Resize resize{method, coordinates, Resize::Rounding::to_nearest_up, h, w};
        ++seed;
        expect_close_everywhere(seed, resize, seed % 2 == 0 ? 13 : 40, "resize");
        expect_close_in_concats(seed, resize, "resize");
      }
}

TransposedConvolution transposed(Maker& maker, int in, int out, Window window, int groups = 1,
                                 int output_padding = 0, bool bias = true) {
  const float limit = 1.5f / std::sqrt(static_cast<float>(in / groups * window.kernel_h));
  return {window,
          groups,
          output_padding,
          output_padding,
          maker.weights({in, out / groups, window.kernel_h, window.kernel_w}, -limit, limit),
          bias ? maker.weights({out}, -0.5f, 0.5f) : nullptr};
}

TEST(Resampling, TransposedConvolutions) {
  struct Case {
    int in, out;
    Window window;
    int groups = 1, output_padding = 0;
  };
  const Padding lopsided{Padding::Rule::given, 2, 0, 1, 3};
  const Padding beyond{Padding::Rule::given, -1, 2, 0, -2};
  std::uint64_t seed = 1800;
  for (const Case& c : std::vector<Case>{
           {24, 35, square(2, 2)},
           {40, 16, square(4, 2, 1)},
           {13, 21, square(3, 2, 1), 1, 1},
           {16, 16, square(3, 1, 1)},
           {64, 64, square(3, 1, 0)},
           {7, 9, square(3, 3, 0, 2)},
           {8, 8, {3, 5, 2, 1, 1, 2, lopsided}},
           {8, 8, {3, 5, 1, 1, 1, 1, lopsided}},
           {16, 20, {3, 4, 2, 3, 1, 1, beyond}},
           {16, 16, square(2, 1, 2)},
           {9, 17, square(3, 2, 0), 1, 3},
           {32, 16, square(4, 2, 1), 2},
           {24, 24, square(4, 2, 1), 24},
           {24, 24, square(3, 1, 1), 24},
           {24, 24, square(3, 2, -1), 24},
           {24, 48, square(4, 2, 1), 24},
       }) {
    Maker maker(++seed);
    const bool bias = seed % 4 != 0;
    const std::string what = "transposed convolution " + std::to_string(seed);
    expect_close_everywhere(
        seed, transposed(maker, c.in, c.out, c.window, c.groups, c.output_padding, bias), c.in,
        what);
  }
  Maker maker(++seed);
  expect_close_in_concats(seed, transposed(maker, 33, 20, square(4, 2, 1)), "transposed");
  expect_close_in_concats(seed, transposed(maker, 33, 33, square(4, 2, 1), 33), "depthwise");
  Maker picture(++seed);
  const int last = picture.add(transposed(picture, 3, 20, square(4, 2, 1)), {0});
  expect_close(picture, {last}, 11, 13, "transposed convolution of the picture");
}

TEST(Resampling, TransposedConvolutionsAreFastAndHalf) {
  std::uint64_t seed = 1900;
  for (const Window& window : {square(4, 2, 1), square(3, 1, 1), square(3, 2, 1)})
    for (const auto& [precision, limit] :
         {std::pair{Precision::fast, 1e-5}, {Precision::half, 0.05}}) {
      Maker maker(++seed);
      // No ReLU, which rounding could close
      const int first = maker.conv(0, 64, square(3, 2, 1), std::nullopt);
      const int trial = maker.add(transposed(maker, 64, 64, window), {first});
      const int last = maker.conv(trial, 40, square(3, 1, 1), std::nullopt);
      const Errors e = compare(maker, {last}, 30, 37, precision);
      EXPECT_LT(e.worst_activation, limit) << window.kernel_h;
      EXPECT_LT(e.grad, limit) << window.kernel_h;
    }
}

TEST(Resampling, ChannelsBecomePixels) {
  std::uint64_t seed = 2000;
  for (const auto order : {DepthToSpace::Order::depth_first, DepthToSpace::Order::color_first})
    for (const auto& [channels, block] : {std::pair{12, 2}, {64, 2}, {90, 3}, {21, 1}}) {
      const DepthToSpace depth{block, order};
      expect_close_everywhere(++seed, depth, channels, "depth to space");
    }
  Maker maker(++seed);
  const int a = maker.conv(0, 9, square(3, 1, 1)), b = maker.conv(0, 18, square(1));
  const int trial = maker.add(DepthToSpace{3, {}}, {maker.add(Concat{}, {a, b, a})});
  expect_close(maker, {maker.add(Concat{}, {trial, trial})}, 12, 9, "depth to space of a concat");
}

// As ONNX and PyTorch have them: sizes rounded up, padding that counts or not, holes in windows.
TEST(Resampling, Pools) {
  const Padding below{Padding::Rule::given, 0, 0, 2, 1};
  std::uint64_t seed = 2100;
  for (const auto kind : {Pool::Kind::max, Pool::Kind::average})
    for (const auto rounding : {Pool::Rounding::down, Pool::Rounding::up})
      for (const bool count_padding : {false, true})
        for (const Window& window :
             {square(3, 2, 1, 2), square(2, 3, 1, 3), square(1, 3), square(4, 3, 2),
              square(2, 4, 1), Window{3, 2, 2, 3, 1, 2, below}, square(17, 2, 8)}) {
          const Pool pool{kind, window, false, rounding, count_padding};
          ++seed;
          expect_close_everywhere(seed, pool, 19, "pool " + std::to_string(seed));
        }
}

TEST(Resampling, Pads) {
  std::uint64_t seed = 1700;
  for (const auto mode : {Pad::Mode::zero, Pad::Mode::reflect, Pad::Mode::edge})
    for (const Pad& pad : {Pad{mode, 1, 1, 1, 1}, Pad{mode, 0, 3, 5, 2}, Pad{mode, -2, 2, 4, -1}}) {
      ++seed;
      expect_close_everywhere(seed, pad, seed % 2 == 0 ? 13 : 40, "pad");
      expect_close_in_concats(seed, pad, "pad");
    }
}

TEST(Resampling, OfThePictureItself) {
  for (const auto& [what, op] : trials()) {
    Maker maker(1300);
    expect_close(maker, {maker.add(op, {0})}, 11, 13, what + " of the picture");
    // What comes first in the network reads the picture in another form
    Maker beside(1301);
    const int conv = beside.conv(0, 20, square(3, 1, 1));
    expect_close(beside, {conv, beside.add(op, {0})}, 11, 13, what + " beside a convolution");
  }
}

TEST(Resampling, SameBitsAtAnyThreadCount) {
  const int threads = thread_count();
  for (const auto& [what, op] : trials()) {
    Maker maker(1400);
    const int first = maker.conv(0, 48, square(3, 2, 1));
    const int last = maker.conv(maker.add(op, {first}), 40, square(3, 1, 1));
    const Tensor canvas = random_canvas(maker, 93, 118);
    std::vector<Outcome> runs;
    for (const int count : {1, 2, 5}) {
      set_thread_count(count);
      const auto compiler = cpu::make_compiler(maker.graph, {last}, Precision::exact);
      const auto plan = compiler->compile(93, 118);
      plan->forward(canvas);
      std::vector<Tensor> output_grads;
      output_grads.push_back(Tensor::copy_of(plan->activation(0)));
      runs.push_back(run_plan(*plan, canvas, output_grads));
    }
    set_thread_count(threads);
    for (const Outcome& run : runs) {
      EXPECT_TRUE(std::ranges::equal(run.grad.elements(), runs[0].grad.elements())) << what;
      EXPECT_TRUE(
          std::ranges::equal(run.activations[0].elements(), runs[0].activations[0].elements()))
          << what;
    }
  }
}

// bfloat16 keeps 8 bits of every value and gradient.
TEST(Resampling, HalfPointsTheSameWay) {
  for (const auto& [what, op] : trials()) {
    Maker maker(1500);
    const int first = maker.conv(0, 48, square(3, 2, 1), 0.3f);
    const int last = maker.conv(maker.add(op, {first}), 40, square(3, 1, 1), 0.3f);
    const Errors e = compare(maker, {last}, 61, 78, Precision::half);
    EXPECT_LT(e.worst_activation, 0.02) << what;
    EXPECT_LT(e.grad, 0.05) << what;
  }
}

}  // namespace
}  // namespace reverie::cpu
