// The engine against the reference: every op alone and in company, on odd sizes and odd numbers of
// channels.
#include <gtest/gtest.h>

#include <cstring>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/plan/cpu/instruction_set_environment.h"
#include "reverie/plan/cpu/trial_comparison.h"

namespace reverie::cpu {
namespace {

[[maybe_unused]] const auto* const environment =
    testing::AddGlobalTestEnvironment(new InstructionSetEnvironment);

TEST(Engine, Convolutions) {
  struct Trial {
    int in, out;
    Window window;
    int groups = 1;
    std::optional<float> relu = 0.f;
  };
  const Padding lopsided{Padding::Rule::given, 2, 0, 1, 3};
  const Padding same{Padding::Rule::same, 0, 0, 0, 0};
  const std::vector<Trial> trials = {
      {5, 7, square(1)},
      {16, 70, square(3, 1, 1)},
      {33, 17, square(3, 1, 0)},
      {40, 48, square(5, 1, 2), 1, 0.1f},
      {8, 24, square(3, 2, 1)},
      {20, 20, square(3, 2, 0), 1, std::nullopt},
      {9, 31, square(4, 3, 1)},
      {6, 18, square(7, 4, 3)},
      {12, 12, square(1, 2)},
      {16, 16, square(3, 1, 2, 2)},
      {10, 20, square(3, 1, 1, 3)},
      {10, 20, square(3, 2, 2, 2)},
      {13, 29, {1, 7, 1, 1, 1, 1, {Padding::Rule::given, 0, 3, 0, 3}}},
      {13, 29, {7, 1, 1, 1, 1, 1, {Padding::Rule::given, 3, 0, 3, 0}}},
      {8, 8, {3, 5, 2, 1, 1, 1, lopsided}},
      {8, 8, {3, 5, 1, 1, 1, 1, lopsided}},
      {11, 21, {3, 3, 2, 2, 1, 1, same}},
      {11, 21, {4, 2, 1, 1, 1, 1, same}},
      {32, 64, square(3, 1, 1), 2},
      {96, 40, square(5, 1, 2), 2},
      {12, 18, square(3, 1, 1), 3},
      {24, 24, square(3, 1, 1), 24},
      {24, 24, square(3, 2, 1), 24},
  };
  std::uint64_t seed = 1;
  for (const Trial& t : trials)
    for (const auto& [h, w] : {std::pair{11, 14}, std::pair{16, 9}}) {
      Maker maker(seed++);
      const int first = maker.conv(0, t.in, square(3, 1, 1), std::nullopt);
      const int last = maker.conv(first, t.out, t.window, t.relu, t.groups);
      expect_close(maker, {last}, h, w,
                   "conv " + std::to_string(t.in) + "->" + std::to_string(t.out) + " k" +
                       std::to_string(t.window.kernel_h) + "x" + std::to_string(t.window.kernel_w) +
                       " s" + std::to_string(t.window.stride_h) + " g" + std::to_string(t.groups));
    }
}

TEST(Engine, FirstLayers) {
  std::uint64_t seed = 100;
  for (int kernel : {1, 3, 7, 8, 11})
    for (int stride : {1, 2, 3, 4})
      for (int padding : {0, kernel / 2}) {
        Maker maker(seed++);
        const int last = maker.conv(0, 21, square(kernel, stride, padding));
        expect_close(maker, {last}, 29 + static_cast<int>(seed % 4), 38,
                     "first k" + std::to_string(kernel) + " s" + std::to_string(stride));
      }
  Maker same(seed);
  Window window = square(7, 2);
  window.padding.rule = Padding::Rule::same;
  expect_close(same, {same.conv(0, 64, window)}, 31, 32, "first SAME");
}

Pool pool(Pool::Kind kind, Window window, bool up = true, bool count_padding = true) {
  return {kind, window, false, up ? Pool::Rounding::up : Pool::Rounding::down, count_padding};
}

TEST(Engine, Pools) {
  std::uint64_t seed = 300;
  for (const auto kind : {Pool::Kind::max, Pool::Kind::average})
    for (int kernel : {2, 3, 5})
      for (int stride : {1, 2, 3})
        for (int padding : {0, 1})
          for (bool up : {false, true}) {
            Maker maker(seed++);
            const bool relu = seed % 2 == 0;
            const int first =
                maker.conv(0, 19, square(3, 1, 1), relu ? std::optional<float>(0.f) : std::nullopt);
            const int last =
                maker.add(pool(kind, square(kernel, stride, padding), up, seed % 3 != 0), {first});
            expect_close(maker, {last}, 13, 18,
                         "pool " + std::to_string(static_cast<int>(kind)) + " k" +
                             std::to_string(kernel) + " s" + std::to_string(stride) + " p" +
                             std::to_string(padding));
          }
  for (const auto kind : {Pool::Kind::max, Pool::Kind::average}) {
    Maker maker(seed++);
    const int first = maker.conv(0, 19, square(3, 1, 1), 0.2f);
    Pool global;
    global.kind = kind;
    global.global = true;
    expect_close(maker, {maker.add(global, {first})}, 21, 17, "global pool");
    Maker on_input(seed++);
    expect_close(on_input, {on_input.add(pool(kind, square(3, 2, 1)), {0})}, 21, 17,
                 "pool of the picture");
    Maker same(seed++);
    Window window = square(3, 2);
    window.padding.rule = Padding::Rule::same;
    const int conv = same.conv(0, 33, square(3, 1, 1));
    expect_close(same, {same.add(pool(kind, window, false, false), {conv})}, 20, 15, "SAME pool");
  }
}

TEST(Engine, Pointwise) {
  std::uint64_t seed = 400;
  for (int channels : {3, 16, 45}) {
    Maker maker(seed++);
    const int first = maker.conv(0, channels, square(3, 1, 1), std::nullopt);
    for (const Lrn& lrn : {Lrn{5, 0.3f, 0.75f, 1}, Lrn{11, 0.1f, 0.5f, 2}, Lrn{3, 0.2f, 0.6f, 1}})
      expect_close(maker, {maker.add(lrn, {first})}, 11, 13, "lrn");
    expect_close(maker, {maker.add(Relu{0.f}, {first})}, 11, 13, "relu");
    expect_close(maker, {maker.add(Relu{0.1f, 0.7f}, {first})}, 11, 13, "capped relu");
    expect_close(maker, {maker.add(Softmax{}, {first})}, 11, 13, "softmax");
    expect_close(maker, {maker.add(Prelu{maker.weights({channels}, -0.5f, 0.5f)}, {first})}, 11, 13,
                 "prelu");
    const int bent = maker.add(Prelu{maker.weights({channels}, -0.5f, -0.5f)}, {first});
    expect_close(maker, {maker.conv(bent, 9, square(3, 1, 1))}, 11, 13, "one slope below zero");
    const int sigmoid = maker.add(Activation{}, {first});
    expect_close(maker, {sigmoid}, 11, 13, "sigmoid");
    const int silu = maker.add(Eltwise{Eltwise::Operation::product, {}}, {first, sigmoid});
    expect_close(maker, {silu}, 11, 13, "SiLU");
    expect_close(
        maker,
        {maker.add(Affine{maker.weights({channels}, -1, 1), maker.weights({channels}, -1, 1)},
                   {maker.add(Relu{}, {first})})},
        11, 13, "affine");
    const int second = maker.conv(0, channels, square(3, 1, 1));
    const int third = maker.conv(0, channels, square(1));
    for (const auto operation :
         {Eltwise::Operation::sum, Eltwise::Operation::product, Eltwise::Operation::maximum})
      expect_close(maker, {maker.add(Eltwise{operation, {}}, {first, second, third})}, 11, 13,
                   "eltwise");
    // Where the two are equal, the first alone has the gradient
    const int open = maker.add(Relu{0.f}, {first});
    expect_close(maker, {maker.add(Eltwise{Eltwise::Operation::maximum, {}}, {first, open})}, 11,
                 13, "maximum of equals");
    expect_close(maker,
                 {maker.add(Eltwise{Eltwise::Operation::sum, {0.5f, -2.f}}, {second, third})}, 11,
                 13, "weighted sum");
    InnerProduct product{maker.weights({10, channels * 11 * 13}, -0.1f, 0.1f),
                         maker.weights({10}, -1, 1)};
    const int inner = maker.add(product, {second});
    const Errors e = compare(maker, {inner}, 11, 13);
    EXPECT_LT(e.worst_activation, tolerance);
    EXPECT_LT(e.grad, tolerance);
  }
}

// Every function of one number: of a convolution that nothing else reads, whose gradient then lies
// where the function's does; of one that others read too; and below channels that are padded.
TEST(Engine, Functions) {
  std::uint64_t seed = 430;
  for (int f = 0; f <= static_cast<int>(Activation::Function::clip); ++f) {
    const auto function = static_cast<Activation::Function>(f);
    const Activation activation{function, function == Activation::Function::power ? 2 : 0.4f, 0.7f};
    // Powers of powers leave every range
    const bool grows = function == Activation::Function::exp ||
                       function == Activation::Function::log ||
                       function == Activation::Function::power;
    const Activation again = grows ? Activation{Activation::Function::softsign} : activation;
    Maker maker(seed++);
    int first = maker.conv(0, 21, square(3, 1, 1), std::nullopt);
    if (function == Activation::Function::log)
      first = maker.add(Activation{Activation::Function::softplus}, {first});
    const int alone = maker.add(activation, {first});
    expect_close(maker, {alone}, 11, 13, describe(activation));
    expect_close(maker, {maker.conv(alone, 9, square(1))}, 11, 13, describe(activation));
    const int other = maker.conv(first, 30, square(1), 0.f);
    const int joined = maker.add(Concat{}, {alone, other, maker.add(again, {alone})});
    const int last = maker.add(again, {joined});
    expect_close(maker, {last}, 11, 13, describe(activation) + " and other readers");
    const int deep = maker.conv(last, 12, square(3, 1, 1));
    expect_close(maker, {deep, alone}, 11, 13, describe(activation) + " as a target");
  }
}

Pool global_mean() { return {Pool::Kind::average, {}, true, Pool::Rounding::down, true}; }

// Each part of a value with the value itself, in both orders, and with other parts.
TEST(Engine, JoinsThatBroadcast) {
  std::uint64_t seed = 460;
  const Window column{1, 13, 1, 1, 1, 1, {}}, row{11, 1, 1, 1, 1, 1, {}};
  for (const auto operation :
       {Eltwise::Operation::sum, Eltwise::Operation::product, Eltwise::Operation::maximum})
    for (int channels : {1, 16, 45}) {
      Maker maker(seed++);
      const bool sum = operation == Eltwise::Operation::sum;
      const auto join = [&](std::vector<int> inputs) {
        std::vector<float> coefficients;
        if (sum && seed % 2 == 0)
          for (std::size_t k = 0; k < inputs.size(); ++k) coefficients.push_back(maker.draw(-1, 1));
        return maker.add(Eltwise{operation, coefficients}, std::move(inputs));
      };
      const int whole = maker.conv(0, channels, square(3, 1, 1));
      const int other = maker.conv(0, channels, square(1), std::nullopt);
      const int per_channel = maker.add(global_mean(), {other});
      const int one_channel = maker.conv(whole, 1, square(3, 1, 1), std::nullopt);
      const int one = maker.add(global_mean(), {one_channel});
      const int columns = maker.add(Pool{Pool::Kind::average, column}, {other});
      const int rows = maker.add(Pool{Pool::Kind::max, row}, {other});
      for (int part : {per_channel, one_channel, one, columns, rows}) {
        const std::string what = "broadcast of layer " + std::to_string(part) + " of " +
                                 std::to_string(channels) + " channels";
        expect_close(maker, {join({whole, part})}, 11, 13, what);
        expect_close(maker, {join({part, whole}), part}, 11, 13, what + ", first");
        expect_close(maker, {join({other, part, whole})}, 11, 13, what + " and both others");
        expect_close(maker, {join({part, per_channel, one_channel})}, 11, 13, what + " of parts");
        expect_close(maker, {join({rows, part, columns})}, 11, 13, what + " of rows and columns");
        expect_close(maker, {join({part, part, whole})}, 11, 13, what + " twice");
      }
    }
}

// Squeeze and excite on a value whose channels do not lie in a row, and its scales in a row.
TEST(Engine, ScalesOfPaddedChannels) {
  Maker maker(470);
  const int a = maker.conv(0, 20, square(3, 1, 1)), b = maker.conv(0, 9, square(3, 1, 1));
  const int both = maker.add(Concat{}, {a, b});
  const int squeezed = maker.conv(maker.add(global_mean(), {both}), 7, square(1));
  const int scale = maker.add(Activation{}, {maker.conv(squeezed, 29, square(1), std::nullopt)});
  for (const auto operation :
       {Eltwise::Operation::sum, Eltwise::Operation::product, Eltwise::Operation::maximum}) {
    const int scaled = maker.add(Eltwise{operation, {}}, {both, scale});
    expect_close(maker, {scaled}, 11, 13, "scales of a concat");
    expect_close(maker, {maker.conv(scaled, 12, square(3, 1, 1)), scale}, 11, 13, "and its reader");
  }
}

std::vector<int> channels_from(int first, int count, int step = 1) {
  std::vector<int> channels;
  for (int c = 0; c < count; ++c) channels.push_back(first + c * step);
  return channels;
}

TEST(Engine, Selections) {
  Maker maker(440);
  const int a = maker.conv(0, 20, square(3, 1, 1)), b = maker.conv(0, 32, square(3, 1, 1), 0.1f);
  const int c = maker.conv(0, 48, square(1), std::nullopt);
  const int joined = maker.add(Concat{}, {a, b, c});
  const auto select = [&](int from, std::vector<int> channels) {
    return maker.add(SelectChannels{std::move(channels)}, {from});
  };
  const std::vector<std::pair<std::string, int>> trials = {
      {"slice", select(c, channels_from(3, 9))},
      {"every second", select(c, channels_from(1, 24, 2))},
      {"backwards", select(c, channels_from(47, 48, -1))},
      {"some twice", select(c, {5, 5, 5, 40, 0, 40})},
      {"one of a block twice", select(c, {0, 1, 2, 3, 4, 5, 6, 2, 8, 9, 10, 11, 12, 13, 14, 15})},
      {"all of them", select(c, channels_from(0, 48))},
      {"whole blocks", select(c, channels_from(16, 32))},
      {"a branch", select(joined, channels_from(20, 32))},
      {"the first branch", select(joined, channels_from(0, 20))},
      {"parts of branches", select(joined, channels_from(10, 60))},
      {"a part of a branch", select(joined, channels_from(68, 16))}};
  for (const auto& [what, selected] : trials) {
    expect_close(maker, {selected}, 11, 13, what);
    const int read = maker.conv(selected, 10, square(3, 1, 1), std::nullopt);
    const int also = maker.conv(joined, 10, square(1));
    const int pooled = maker.add(pool(Pool::Kind::max, square(3, 1, 1)), {selected});
    const int sum = maker.add(Eltwise{}, {read, also});
    expect_close(maker, {sum, maker.add(Concat{}, {pooled, selected, a})}, 11, 13,
                 what + " with other readers");
    expect_close(maker, {pooled}, 11, 13, what + " pooled");
    expect_close(maker, {sum, selected}, 11, 13, what + " as a target");
    expect_close(maker, {select(selected, {0}), maker.add(Lrn{}, {selected})}, 11, 13,
                 what + " of a selection");
  }
}

// The two branches of a split, one of them untouched, and their shuffle: ShuffleNet's.
TEST(Engine, SplitsAndShuffles) {
  for (int width : {16, 29, 48}) {
    Maker maker(444);
    const int before = maker.conv(0, 2 * width, square(3, 1, 1));
    const int left = maker.add(SelectChannels{channels_from(0, width)}, {before});
    const int right = maker.add(SelectChannels{channels_from(width, width)}, {before});
    const int deep = maker.conv(right, width, square(3, 1, 1), 0.f, width);
    const int both = maker.add(Concat{}, {left, maker.conv(deep, width, square(1))});
    std::vector<int> shuffled;
    for (int c = 0; c < 2 * width; ++c) shuffled.push_back(c / 2 + c % 2 * width);
    const int shuffle = maker.add(SelectChannels{shuffled}, {both});
    const int grouped = maker.conv(shuffle, 2 * width, square(1), 0.f, 2);
    expect_close(maker, {grouped}, 14, 9, "split and shuffle");
    expect_close(maker, {grouped, left, shuffle}, 14, 9, "split and shuffle with inner targets");
  }
}

TEST(Engine, EveryKindOfLayerOnThePictureItself) {
  const auto weights = [&](Shape shape) { return Maker(451).weights(shape, 0.5f, 1.5f); };
  const std::vector<std::pair<std::string, Op>> ops = {
      {"relu", Relu{0.1f}},
      {"max-pool", pool(Pool::Kind::max, square(3, 2, 1))},
      {"average pool", pool(Pool::Kind::average, square(3, 2, 1))},
      {"lrn", Lrn{5, 0.3f, 0.75f, 1}},
      {"concat", Concat{}},
      {"sum", Eltwise{}},
      {"affine", Affine{weights({3}), weights({3})}},
      {"sigmoid", Activation{}},
      {"silu", Activation{Activation::Function::silu}},
      {"tangent", Activation{Activation::Function::tanh}},
      {"prelu", Prelu{weights({3})}},
      {"selection", SelectChannels{{2, 0, 0, 1}}},
      {"grey", SelectChannels{{1}}},
      {"softmax", Softmax{}},
      {"inner product", InnerProduct{weights({10, 3 * 11 * 13}), weights({10})}}};
  for (const auto& [what, op] : ops) {
    Maker maker(452);
    expect_close(maker, {maker.add(op, {0})}, 11, 13, what + " of the picture");
    // What comes first in the network reads the picture in another form
    Maker beside(453);
    const int conv = beside.conv(0, 20, square(3, 1, 1));
    expect_close(beside, {conv, beside.add(op, {0})}, 11, 13, what + " beside a convolution");
  }
}

// An inception module with any numbers of channels.
int inception(Maker& maker, int input, const std::vector<int>& widths) {
  const int a = maker.conv(input, widths[0], square(1));
  const int b = maker.conv(maker.conv(input, widths[1], square(1)), widths[2], square(3, 1, 1));
  const int c = maker.conv(maker.conv(input, widths[3], square(1)), widths[4], square(5, 1, 2));
  const int d =
      maker.conv(maker.add(pool(Pool::Kind::max, square(3, 1, 1)), {input}), widths[5], square(1));
  return maker.add(Concat{}, {a, b, c, d});
}

TEST(Engine, Inceptions) {
  std::uint64_t seed = 500;
  for (const auto& [h, w] : {std::pair{40, 57}, std::pair{33, 32}}) {
    Maker maker(seed++);
    const int first = maker.conv(0, 20, square(7, 2, 3));
    const int small = maker.add(pool(Pool::Kind::max, square(3, 2)), {first});
    const int norm_1 = maker.add(Lrn{5, 0.05f, 0.75f, 1}, {small});
    const int one = inception(maker, norm_1, {24, 16, 40, 5, 17, 8});
    const int two = inception(maker, one, {16, 12, 32, 16, 16, 16});
    expect_close(maker, {two}, h, w, "two inceptions");
    expect_close(maker, {one, two}, h, w, "both outputs");
    expect_close(maker, {two, norm_1, one, two}, h, w, "inner layers and one twice");
    const int normed = maker.add(Lrn{5, 0.05f, 0.75f, 1}, {one});
    const int flat = maker.conv(one, maker.channels(one), square(1), std::nullopt);
    const int sum = maker.add(Eltwise{}, {normed, flat, one});
    expect_close(maker, {sum}, h, w, "a padded concat under lrn and a sum");
  }
}

TEST(Engine, ANormalisationOfEachColourIsReadWithThePicture) {
  for (int kernel : {3, 7}) {
    Maker maker(480);
    std::vector<int> colours;
    for (int c : {1, 2, 0}) {
      const int colour = maker.add(SelectChannels{{c}}, {0});
      colours.push_back(
          maker.add(Affine{maker.weights({1}, 0.5f, 2), maker.weights({1}, -1, 1)}, {colour}));
    }
    const int normal = maker.add(Concat{}, colours);
    const int last = maker.conv(normal, 24, square(kernel, 2, kernel / 2));
    expect_close(maker, {last}, 30, 21, "a normalisation inside");
    expect_close(maker, {last, normal}, 30, 21, "a normalisation that is asked for");
    expect_close(maker, {last, colours[1]}, 30, 21, "a normalised colour");
  }
}

TEST(Engine, TangledConcats) {
  Maker maker(600);
  const int a = maker.conv(0, 9, square(3, 1, 1));
  const int b = maker.conv(0, 20, square(1), 0.1f);
  const int inner = maker.add(Concat{}, {a, b});
  const int again = maker.conv(inner, 12, square(3, 1, 1));
  const int twice = maker.add(Concat{}, {inner, again, a, inner});
  const int with_input = maker.add(Concat{}, {twice, 0});
  const int last = maker.conv(with_input, 30, square(3, 2, 1));
  const int other = maker.conv(b, 30, square(3, 2, 1), std::nullopt);
  const int sum = maker.add(Eltwise{}, {last, other});
  expect_close(maker, {sum}, 19, 22, "nested concats");
  expect_close(maker, {sum, a, inner}, 19, 22, "nested concats with inner targets");
  expect_close(maker, {with_input}, 19, 22, "a concat with the picture");
  expect_close(maker, {0}, 19, 22, "the picture itself");
}

TEST(Engine, SameBitsAgainAndAtAnyThreadCount) {
  Maker maker(700);
  const int first = maker.conv(0, 64, square(7, 2, 3));
  const int small = maker.add(pool(Pool::Kind::max, square(3, 2)), {first});
  const int normal = maker.add(Lrn{5, 0.05f, 0.75f, 1}, {small});
  const int deep = inception(maker, normal, {64, 96, 128, 16, 32, 32});
  const int scale = maker.add(Activation{}, {maker.add(global_mean(), {deep})});
  const int place = maker.add(Activation{}, {maker.conv(deep, 1, square(1))});
  const int last = maker.add(Eltwise{Eltwise::Operation::product, {}}, {deep, scale, place});
  const Tensor canvas = random_canvas(maker, 93, 118);
  const int threads = thread_count();
  std::vector<Outcome> runs;
  for (int count : {1, 2, 2}) {
    set_thread_count(count);
    const auto compiler = cpu::make_compiler(maker.graph, {last}, Precision::exact);
    const auto plan = compiler->compile(93, 118);
    std::vector<Tensor> output_grads;
    plan->forward(canvas);
    output_grads.push_back(Tensor::copy_of(plan->activation(0)));
    runs.push_back(run_plan(*plan, canvas, output_grads));

    // Backward may be called again
    Tensor again(plan->canvas_shape());
    plan->backward(again);
    EXPECT_EQ(std::memcmp(again.data(), runs.back().grad.data(),
                          static_cast<std::size_t>(again.size()) * sizeof(float)),
              0);
  }
  set_thread_count(threads);
  for (const Outcome& run : runs) {
    EXPECT_EQ(std::memcmp(run.grad.data(), runs[0].grad.data(),
                          static_cast<std::size_t>(run.grad.size()) * sizeof(float)),
              0);
    EXPECT_EQ(std::memcmp(run.activations[0].data(), runs[0].activations[0].data(),
                          static_cast<std::size_t>(run.activations[0].size()) * sizeof(float)),
              0);
  }
}

// Winograd's transforms of 6x6 tiles lose two or three bits.
constexpr double fast_tolerance = 1e-5;

TEST(Engine, FastIsCloseToTheReference) {
  std::uint64_t seed = 800;
  for (const auto& [h, w] : {std::pair{64, 96}, std::pair{61, 35}, std::pair{15, 90}}) {
    Maker maker(seed++);
    const int first = maker.conv(0, 64, square(7, 2, 3));
    const int last = inception(maker, first, {64, 96, 128, 16, 32, 32});
    const int more = inception(maker, last, {40, 33, 72, 17, 50, 24});
    const Errors e = compare(maker, {more, last}, h, w, Precision::fast);
    EXPECT_LT(e.worst_activation, fast_tolerance) << w << "x" << h;
    EXPECT_LT(e.grad, fast_tolerance) << w << "x" << h;
  }
  const Padding lopsided{Padding::Rule::given, 2, 0, 1, 3};
  for (int kernel : {3, 4, 5})
    for (const Padding& padding : {Padding{}, lopsided, Padding{Padding::Rule::same, 0, 0, 0, 0}}) {
      Maker maker(seed++);
      Window window = square(kernel);
      window.padding = padding;
      const int first = maker.conv(0, 40, square(3, 1, 1), 0.3f);
      const int side = maker.conv(first, 56, window, std::nullopt);
      const int again = maker.conv(first, 56, window, 0.2f);
      const Errors e =
          compare(maker, {maker.add(Eltwise{}, {side, again})}, 17, 22, Precision::fast);
      EXPECT_LT(e.worst_activation, fast_tolerance)
          << "kernel " << kernel << " top " << padding.top;
      EXPECT_LT(e.grad, fast_tolerance) << "kernel " << kernel << " top " << padding.top;
    }
  for (int kernel : {5, 7, 8, 9, 11})
    for (int stride : {2, 3}) {
      Maker maker(seed++);
      const int last = maker.conv(0, 48, square(kernel, stride, kernel / 2));
      const Errors e = compare(maker, {last}, 45, 64, Precision::fast);
      EXPECT_LT(e.worst_activation, fast_tolerance) << "first layer, kernel " << kernel;
      EXPECT_LT(e.grad, fast_tolerance) << "first layer, kernel " << kernel;
    }
}

TEST(Engine, HalfPointsTheSameWay) {
  Maker maker(900);
  const int first = maker.conv(0, 64, square(7, 2, 3));
  const int last = inception(maker, first, {64, 96, 128, 16, 32, 32});
  const Errors e = compare(maker, {last}, 64, 96, Precision::half);
  EXPECT_LT(e.worst_activation, 0.02);  // bfloat16 keeps 8 bits
  EXPECT_LT(e.grad, 0.1);               // and some maxima and masks fall the other way
}

TEST(Engine, Errors) {
  Maker maker(1000);
  const int last = maker.conv(0, 8, square(9));
  const auto compiler = cpu::make_compiler(maker.graph, {last}, Precision::fast);
  EXPECT_THROW(compiler->compile(8, 30), BadShape);
  const auto plan = compiler->compile(12, 12);
  EXPECT_THROW(plan->forward(Tensor({3, 12, 13})), BadShape);
  const int unknown = maker.add(UnknownLayer{"SPP"}, {last});
  EXPECT_THROW(cpu::make_compiler(maker.graph, {unknown}, Precision::fast), Unsupported);
#ifndef __SANITIZE_ADDRESS__  // which ends the program where operator new throws
  EXPECT_THROW(cpu::make_compiler(maker.graph, {last}, Precision::fast)->compile(1 << 23, 1 << 23),
               OutOfMemory);
#endif
}

}  // namespace
}  // namespace reverie::cpu
