// What the engine does with memory: nothing is allocated while it runs, weights are shared by all
// sizes, and buffers that live at different times share their place.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "reverie/base/random.h"
#include "reverie/graph/passes.h"
#include "reverie/plan/cpu/compiler.h"
#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/program/arena.h"

namespace {
std::atomic<std::size_t> largest_allocation{0};

void* allocate(std::size_t bytes, std::size_t alignment) {
  std::size_t seen = largest_allocation.load();
  while (bytes > seen && !largest_allocation.compare_exchange_weak(seen, bytes)) {
  }
  void* p = alignment > 16
                ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
                : std::malloc(bytes);
  if (!p) throw std::bad_alloc();
  return p;
}

// Not inline: GCC would see free() called on what new returned, and warn
[[gnu::noinline]] void release(void* p) { std::free(p); }
}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
// std::stable_sort takes its buffer by this one
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return allocate(bytes, 16);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

namespace reverie::cpu {
namespace {

Graph small_network() {
  RandomStream stream = Random(1).at(RandomUse::noise, 0, 0, 0);
  Graph graph;
  graph.name = "trial";
  graph.add("data", Input{}, {});
  const auto conv = [&](int input, int in, int out, int kernel, int stride) {
    Tensor weights({out, in, kernel, kernel});
    for (float& v : weights.elements()) v = 0.1f * (stream.uniform() - 0.5f);
    const int side = kernel / 2;
    Convolution c{
        Window{
            kernel, kernel, stride, stride, 1, 1, {Padding::Rule::given, side, side, side, side}},
        1, std::make_shared<const Tensor>(std::move(weights)), nullptr, 0.f};
    return graph.add("conv" + std::to_string(graph.layers.size()), c, {input});
  };
  const int first = conv(0, 3, 64, 7, 2);
  const int pooled = graph.add(
      "pool", Pool{Pool::Kind::max, Window{3, 3, 2, 2, 1, 1, {}}, false, Pool::Rounding::up, true},
      {first});
  const int norm = graph.add("norm", Lrn{5, 1e-4f, 0.75f, 1}, {pooled});
  const int a = conv(norm, 64, 40, 1, 1);
  const int b = conv(conv(norm, 64, 24, 1, 1), 24, 72, 3, 1);
  graph.add("output", Concat{}, {a, b});
  return graph;
}

TEST(Memory, NothingIsAllocatedWhileRunning) {
  const Graph graph = small_network();
  const int last = static_cast<int>(graph.layers.size()) - 1;
  for (const Precision precision : {Precision::exact, Precision::fast, Precision::half}) {
    const auto compiler = cpu::make_compiler(graph, {last}, precision);
    const auto plan = compiler->compile(90, 120);
    Tensor canvas({3, 90, 120}), grad({3, 90, 120});
    largest_allocation = 0;
    plan->forward(canvas);
    plan->backward(grad);
    // oneDNN itself keeps its arguments in small maps
    EXPECT_LT(largest_allocation.load(), 1024u);
  }
}

TEST(Memory, WeightsAreSharedByAllSizes) {
  const Graph graph = small_network();
  const PassResult prepared = prepare(graph, {static_cast<int>(graph.layers.size()) - 1});
  ProgramSettings settings;
  settings.lanes = widest_lanes();
  const OnednnContext onednn;
  WeightStore store(onednn);
  const auto one =
      build_program(prepared.graph, prepared.targets, 90, 120, settings, onednn, store);
  const std::size_t count = store.count(), bytes = store.bytes();
  EXPECT_GT(count, 0u);
  const auto two =
      build_program(prepared.graph, prepared.targets, 201, 164, settings, onednn, store);
  EXPECT_EQ(store.count(), count);
  EXPECT_EQ(store.bytes(), bytes);
}

TEST(Memory, BuffersShareTheirPlaceInTurn) {
  ArenaPlanner planner;
  const std::size_t mb = std::size_t{1} << 20;
  const int first = planner.add(mb), second = planner.add(2 * mb), third = planner.add(mb);
  const int unused = planner.add(64 * mb);
  planner.touch(first, 0);
  planner.touch(first, 1);
  planner.touch(second, 1);
  planner.touch(second, 2);
  planner.touch(third, 2);
  EXPECT_EQ(planner.place(), 3 * mb);
  EXPECT_EQ(planner.offset(first), planner.offset(third));
  EXPECT_TRUE(planner.offset(second) >= mb ||
              planner.offset(second) + 2 * mb <= planner.offset(first));
  EXPECT_EQ(planner.first(unused), -1);
}

}  // namespace
}  // namespace reverie::cpu
