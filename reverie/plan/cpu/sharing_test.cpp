// What plans, compilers and objectives of one network share, what a plan will hold, and how it is
// cancelled.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/plan/cpu/trial_network.h"
#include "reverie/plan/plan.h"

namespace reverie::cpu {
namespace {

constexpr Precision all_precisions[] = {Precision::exact, Precision::fast, Precision::half};

// A strided first layer, an affine that is folded, a group of 1x1 convolutions, a concat that
// copies, an LRN, a sum and an inner product.
struct Network {
  Graph graph;
  int inner, last;
};

Network make_network(std::uint64_t number, std::int64_t height, std::int64_t width) {
  Maker maker(number);
  const int first = maker.conv(0, 24, square(7, 2, 3), std::nullopt);
  const int scaled =
      maker.add(Affine{maker.weights({24}, 0.5f, 1), maker.weights({24}, -1, 1)}, {first});
  const int open = maker.add(Relu{}, {scaled});
  const int pooled =
      maker.add(Pool{Pool::Kind::max, square(3, 2), false, Pool::Rounding::up, true}, {open});
  const int normal = maker.add(Lrn{5, 0.05f, 0.75f, 1}, {pooled});
  const int a = maker.conv(normal, 20, square(1));
  const int b = maker.conv(maker.conv(normal, 33, square(1)), 64, square(3, 1, 1));
  const int inner = maker.add(Concat{}, {a, b, normal});
  const int wide = maker.conv(inner, 64, square(3, 1, 1));
  const int deep = maker.conv(wide, 64, square(3, 1, 1));
  const int sum = maker.add(Eltwise{}, {wide, deep});
  const Shape shape = infer_shapes(maker.graph, height, width)[static_cast<std::size_t>(sum)];
  const int last = maker.add(
      InnerProduct{maker.weights({7, shape.elements()}, -0.1f, 0.1f), maker.weights({7}, -1, 1)},
      {sum});
  return {maker.graph, inner, last};
}

Tensor canvas_of(std::int64_t height, std::int64_t width) {
  Tensor canvas({3, height, width});
  for (std::int64_t i = 0; i < canvas.size(); ++i) canvas[i] = static_cast<float>((i * 7919) % 256);
  return canvas;
}

// The gradient of the sum of half the squares.
Tensor gradient_of(Plan& plan) {
  const Tensor canvas = canvas_of(plan.canvas_shape().height(), plan.canvas_shape().width());
  EXPECT_TRUE(plan.forward(canvas));
  for (int t = 0; t < plan.targets(); ++t)
    std::copy_n(plan.activation(t).data(), plan.activation(t).size(), plan.output_grad(t).data());
  Tensor grad(plan.canvas_shape());
  EXPECT_TRUE(plan.backward(grad));
  return grad;
}

void expect_same_bits(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)), 0);
}

TEST(PlanBytes, AreThoseOfThePlan) {
  const int threads = thread_count();
  for (const auto& [height, width] : {std::pair{40, 57}, {128, 96}, {97, 211}})
    for (const Precision precision : all_precisions) {
      const Network network = make_network(1, height, width);
      for (const std::vector<int>& targets :
           {std::vector{network.last}, {network.inner}, {network.last, network.inner}})
        for (const int count : {1, 3}) {
          set_thread_count(count);
          const auto compiler = make_compiler(network.graph, targets, precision);
          const std::size_t bytes = compiler->plan_bytes(height, width);
          EXPECT_EQ(bytes, compiler->compile(height, width)->memory_bytes())
              << width << "x" << height << " threads " << count;
        }
    }
  set_thread_count(threads);
  Maker maker(1);
  const int wide = maker.conv(0, 8, square(9));
  EXPECT_THROW(make_compiler(maker.graph, {wide}, Precision::fast)->plan_bytes(8, 30), BadShape);
}

std::size_t peak_address_space() {
  std::ifstream file("/proc/self/status");
  std::string word;
  std::size_t kilobytes = 0;
  while (file >> word)
    if (word == "VmPeak:" && file >> kilobytes) return kilobytes << 10;
  return 0;
}

TEST(PlanBytes, AllocateNothingOfThePlan) {
  const Network network = make_network(2, 64, 64);
  const auto prepared = prepare_network(network.graph);
  const auto compiler = prepared->make_compiler({network.inner}, Precision::fast);
  compiler->plan_bytes(64, 64);
  const std::size_t before = peak_address_space();
  const std::size_t bytes = compiler->plan_bytes(3000, 4000);
  EXPECT_GT(bytes, std::size_t{1} << 30);
  EXPECT_LT(peak_address_space() - before, bytes / 16);
  EXPECT_EQ(prepared->weights().arrays, 0u);
}

TEST(PreparedNetwork, WeightsArePutInOrderOnceForAllObjectives) {
  const Network network = make_network(3, 64, 80);
  for (const Precision precision : all_precisions) {
    const auto prepared = prepare_network(network.graph);
    EXPECT_EQ(prepared->weights().arrays, 0u);
    const auto arrays_after = [&](const std::vector<int>& targets) {
      prepared->make_compiler(targets, precision)->compile(64, 80);
      return prepared->weights().arrays;
    };
    const std::size_t shallow = arrays_after({network.inner});
    EXPECT_GT(shallow, 0u);
    EXPECT_EQ(arrays_after({network.inner}), shallow);
    const std::size_t deep = arrays_after({network.last});
    EXPECT_GT(deep, shallow);
    const std::size_t bytes = prepared->weights().bytes;
    EXPECT_EQ(arrays_after({network.inner, network.last}), deep);
    EXPECT_EQ(arrays_after({network.last}), deep);
    EXPECT_EQ(prepared->weights().bytes, bytes);

    // A network of its own for the deep objective holds as much: nothing is there twice
    const auto alone = prepare_network(network.graph);
    alone->make_compiler({network.last}, precision)->compile(64, 80);
    EXPECT_EQ(alone->weights().arrays, deep);
  }
}

TEST(PreparedNetwork, SharingChangesNoBit) {
  const Network network = make_network(4, 64, 80);
  for (const Precision precision : all_precisions) {
    const auto prepared = prepare_network(network.graph);
    prepared->make_compiler({network.inner}, precision)->compile(48, 48);
    const auto shared = prepared->make_compiler({network.last}, precision)->compile(64, 80);
    const auto alone = make_compiler(network.graph, {network.last}, precision)->compile(64, 80);
    expect_same_bits(gradient_of(*shared), gradient_of(*alone));
  }
}

TEST(PreparedNetwork, PlansOutliveAllThatMadeThem) {
  std::unique_ptr<Plan> plan;
  Tensor expected;
  {
    const Network network = make_network(5, 64, 80);
    const auto prepared = prepare_network(network.graph);
    const auto compiler = prepared->make_compiler({network.last}, Precision::fast);
    expected = gradient_of(*compiler->compile(64, 80));
    plan = compiler->compile(64, 80);
  }
  // What was freed is taken and overwritten
  std::vector<Tensor> noise;
  for (int i = 0; i < 200; ++i) noise.push_back(canvas_of(30 + i, 80));
  expect_same_bits(gradient_of(*plan), expected);
}

TEST(Cancelling, ARequestThatIsThereBeforeLeavesAPlanThatRunsAgain) {
  const Network network = make_network(6, 64, 80);
  const auto plan = make_compiler(network.graph, {network.last}, Precision::fast)->compile(64, 80);
  const Tensor expected = gradient_of(*plan);
  CancelToken cancel;
  const Tensor canvas = canvas_of(64, 80);
  Tensor grad({3, 64, 80});
  EXPECT_TRUE(plan->forward(canvas, &cancel));
  cancel.cancel();
  EXPECT_FALSE(plan->backward(grad, &cancel));
  EXPECT_FALSE(plan->forward(canvas, &cancel));
  expect_same_bits(gradient_of(*plan), expected);
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

TEST(Cancelling, AnotherThreadStopsAGradientWithinAFractionOfItsTime) {
  Maker maker(7);
  int last = maker.conv(0, 64, square(3, 1, 1));
  for (int i = 0; i < 12; ++i) last = maker.conv(last, 64, square(3, 1, 1));
  const auto plan = make_compiler(maker.graph, {last}, Precision::exact)->compile(256, 256);
  const Tensor canvas = canvas_of(256, 256);
  Tensor grad({3, 256, 256});
  ASSERT_TRUE(plan->forward(canvas));  // touches the memory

  // Other work on the machine may stretch a run, so there are some tries
  double best = 1e9;
  for (int attempt = 0; attempt < 10 && best > 0.5; ++attempt) {
    auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(plan->forward(canvas) && plan->backward(grad));
    const double whole = ms_since(start);

    CancelToken cancel;
    start = std::chrono::steady_clock::now();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(whole / 10));
      cancel.cancel();
    });
    const bool finished = plan->forward(canvas, &cancel) && plan->backward(grad, &cancel);
    if (!finished) best = std::min(best, ms_since(start) / whole);
    other.join();
  }
  EXPECT_LT(best, 0.5);
}

}  // namespace
}  // namespace reverie::cpu
