// Buffers that are alive together never overlap, and a request to cancel ends a run between steps.
#include "reverie/plan/program/program.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reverie/base/random.h"

namespace reverie::program {
namespace {

TEST(ArenaPlanner, BuffersThatAreAliveTogetherDoNotOverlap) {
  RandomStream stream = Random(1).at(RandomUse::noise, 0, 0, 0);
  for (int trial = 0; trial < 50; ++trial) {
    ArenaPlanner planner;
    std::size_t all = 0;
    std::vector<std::size_t> alive(41);
    for (int i = 0; i < 40; ++i) {
      const int buffer = planner.add(static_cast<std::size_t>(stream.uniform_int(1, 50000)));
      const int first = stream.uniform_int(0, 30);
      planner.touch(buffer, first);
      planner.touch(buffer, first + stream.uniform_int(0, 9));
      all += planner.bytes(buffer);
      for (int time = planner.first(buffer); time <= planner.last(buffer); ++time)
        alive[static_cast<std::size_t>(time)] += planner.bytes(buffer);
    }
    const std::size_t needed = planner.place();
    EXPECT_LE(needed, all);
    EXPECT_GE(needed, *std::max_element(alive.begin(), alive.end()));
    for (int a = 0; a < planner.count(); ++a) {
      EXPECT_LE(planner.offset(a) + planner.bytes(a), needed);
      EXPECT_EQ(planner.offset(a) % 4096, 0u);
      for (int b = 0; b < a; ++b) {
        const bool together =
            planner.first(a) <= planner.last(b) && planner.first(b) <= planner.last(a);
        const bool apart = planner.offset(a) + planner.bytes(a) <= planner.offset(b) ||
                           planner.offset(b) + planner.bytes(b) <= planner.offset(a);
        EXPECT_TRUE(!together || apart) << a << " and " << b;
      }
    }
  }
}

TEST(ArenaMemory, HoldsWholePages) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{3} << 20, std::size_t{2} << 20}) {
    const ArenaMemory memory(bytes);
    EXPECT_GE(memory.bytes(), bytes);
    EXPECT_EQ(memory.bytes(), ArenaMemory::whole_pages(bytes));
    memory.data()[bytes - 1] = std::byte{1};
  }
}

// Cancels when it is its turn.
class CountingStep : public Step {
 public:
  CountingStep(int& runs, CancelToken* cancel) : runs_(runs), cancel_(cancel) {}
  void bind(const std::vector<std::byte*>&) override {}
  void run() override {
    ++runs_;
    if (cancel_) cancel_->cancel();
  }
  std::vector<int> buffers() const override { return {}; }

 private:
  int& runs_;
  CancelToken* cancel_;
};

TEST(RunSteps, StopsBeforeTheStepThatFollowsTheRequest) {
  int runs = 0;
  CancelToken cancel;
  std::vector<std::unique_ptr<Step>> steps;
  for (int i = 0; i < 6; ++i)
    steps.push_back(std::make_unique<CountingStep>(runs, i == 2 ? &cancel : nullptr));
  EXPECT_TRUE(run_steps(steps, nullptr));
  EXPECT_EQ(runs, 6);
  EXPECT_FALSE(run_steps(steps, &cancel));  // it was set by the run before
  EXPECT_EQ(runs, 6);
  CancelToken fresh;
  EXPECT_TRUE(run_steps(steps, &fresh));
  steps[2] = std::make_unique<CountingStep>(runs, &fresh);
  runs = 0;
  EXPECT_FALSE(run_steps(steps, &fresh));
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace reverie::program
