// Which layers overwrite a gradient, which add to it, and who applies a ReLU's derivative.
#include "reverie/plan/program/gradient_ledger.h"

#include <gtest/gtest.h>

#include "reverie/plan/cpu/trial_network.h"

namespace reverie::program {
namespace {

constexpr int lanes = 16;
constexpr float leak = 0.1f;

struct Trial {
  Trial(const cpu::Maker& maker, const std::vector<int>& targets)
      : layout(make_layout(maker.graph, infer_shapes(maker.graph, 20, 24), lanes)),
        ledger(maker.graph, layout, targets) {}

  BlockRange range(int layer) const { return layout.range(layer); }

  Layout layout;
  GradientLedger ledger;
};

TEST(GradientLedger, TheFirstOverwritesAndTheLastMasks) {
  cpu::Maker maker(1);
  const int shared = maker.conv(0, 32, square(3, 1, 1), leak);
  const int a = maker.conv(shared, 16, square(3, 1, 1)), b = maker.add(Activation{}, {shared});
  Trial trial(maker, {a, b});
  const GradientLedger::Claim first = trial.ledger.claim(trial.range(shared), true);
  EXPECT_FALSE(first.accumulate);
  EXPECT_FALSE(first.relu);
  EXPECT_TRUE(first.clear.empty());
  const GradientLedger::Claim second = trial.ledger.claim(trial.range(shared), true);
  EXPECT_TRUE(second.accumulate);
  EXPECT_EQ(second.relu, leak);

  const GradientLedger::Completion rest = trial.ledger.complete(trial.range(shared), true);
  EXPECT_TRUE(rest.clear.empty());
  EXPECT_TRUE(rest.masks.empty());
}

TEST(GradientLedger, AKernelThatCannotMaskLeavesItToCompletion) {
  cpu::Maker maker(2);
  const int relu = maker.conv(0, 40, square(3, 1, 1), leak);
  Trial trial(maker, {maker.conv(relu, 16, square(3, 1, 1))});
  EXPECT_FALSE(trial.ledger.claim(trial.range(relu), false).relu);
  const GradientLedger::Completion rest = trial.ledger.complete(trial.range(relu), true);
  ASSERT_EQ(rest.masks.size(), 1u);
  EXPECT_EQ(rest.masks[0].blocks.count, 3);  // one run of the blocks of 40 channels
  EXPECT_EQ(rest.masks[0].relu, leak);
  EXPECT_TRUE(trial.ledger.complete(trial.range(relu), true).masks.empty());
}

TEST(GradientLedger, CompletionWithoutMasksLeavesThem) {
  cpu::Maker maker(3);
  const int relu = maker.conv(0, 16, square(3, 1, 1), 0.f);
  Trial trial(maker, {maker.conv(relu, 16, square(3, 1, 1))});
  trial.ledger.claim(trial.range(relu), false);
  EXPECT_TRUE(trial.ledger.complete(trial.range(relu), false).masks.empty());
  EXPECT_EQ(trial.ledger.complete(trial.range(relu), true).masks.size(), 1u);
}

TEST(GradientLedger, BlocksThatNobodyWroteAreCleared) {
  cpu::Maker maker(4);
  const int a = maker.conv(0, 16, square(3, 1, 1)), b = maker.conv(0, 32, square(3, 1, 1));
  const int both = maker.add(Concat{}, {a, b});
  // The target reads one branch; another layer reads the concat that the branch is part of
  const int last = maker.conv(both, 16, square(3, 1, 1));
  Trial trial(maker, {a, last});
  EXPECT_FALSE(trial.ledger.started(trial.range(a)));
  EXPECT_FALSE(trial.ledger.claim(trial.range(a), true).accumulate);
  EXPECT_TRUE(trial.ledger.started(trial.range(a)));

  const GradientLedger::Claim whole = trial.ledger.claim(trial.range(both), true);
  EXPECT_TRUE(whole.accumulate);
  ASSERT_EQ(whole.clear.size(), 2u);  // the two blocks of b
  EXPECT_EQ(whole.clear[0].first, trial.range(b).first);
  EXPECT_EQ(whole.relu, 0.f);

  Trial untouched(maker, {a, last});
  EXPECT_EQ(untouched.ledger.complete(untouched.range(both), true).clear.size(), 3u);
}

TEST(GradientLedger, BranchesWithOtherReLUsAreMaskedInRuns) {
  cpu::Maker maker(5);
  const int a = maker.conv(0, 32, square(3, 1, 1), leak);
  const int b = maker.conv(0, 16, square(3, 1, 1), std::nullopt);
  const int c = maker.conv(0, 16, square(3, 1, 1), 0.f);
  const int all = maker.add(Concat{}, {a, c, b});
  Trial trial(maker, {maker.conv(all, 16, square(3, 1, 1))});
  EXPECT_FALSE(trial.ledger.claim(trial.range(all), true).relu);  // not one and the same
  const GradientLedger::Completion rest = trial.ledger.complete(trial.range(all), true);
  ASSERT_EQ(rest.masks.size(), 2u);
  EXPECT_EQ(rest.masks[0].blocks.first, trial.range(a).first);
  EXPECT_EQ(rest.masks[0].blocks.count, 2);
  EXPECT_EQ(rest.masks[0].relu, leak);
  EXPECT_EQ(rest.masks[1].blocks.first, trial.range(c).first);
  EXPECT_EQ(rest.masks[1].relu, 0.f);
}

TEST(GradientLedger, ABranchWithoutReLUEndsARun) {
  cpu::Maker maker(7);
  const int a = maker.conv(0, 16, square(3, 1, 1), 0.f);
  const int b = maker.conv(0, 16, square(3, 1, 1), std::nullopt);
  const int c = maker.conv(0, 16, square(3, 1, 1), 0.f);
  const int all = maker.add(Concat{}, {a, b, c});
  Trial trial(maker, {maker.conv(all, 16, square(3, 1, 1))});
  trial.ledger.claim(trial.range(all), true);
  const GradientLedger::Completion rest = trial.ledger.complete(trial.range(all), true);
  ASSERT_EQ(rest.masks.size(), 2u);
  EXPECT_EQ(rest.masks[0].blocks.count, 1);
  EXPECT_EQ(rest.masks[1].blocks.first, trial.range(c).first);
}

TEST(GradientLedger, AReLUThatOneLayerReads) {
  cpu::Maker maker(6);
  const int plain = maker.conv(0, 16, square(3, 1, 1), 0.f);
  const int leaky = maker.conv(plain, 16, square(3, 1, 1), leak);
  const int last = maker.add(Activation{}, {leaky});
  Trial once(maker, {last});
  EXPECT_TRUE(once.ledger.relu_read_once(once.range(plain)));
  EXPECT_FALSE(once.ledger.relu_read_once(once.range(leaky)));
  EXPECT_TRUE(once.ledger.sole_contribution(once.range(leaky)));
  Trial twice(maker, {last, plain});
  EXPECT_FALSE(twice.ledger.relu_read_once(twice.range(plain)));

  once.ledger.claim(once.range(plain), false);
  once.ledger.mark_masked(once.range(plain));
  EXPECT_TRUE(once.ledger.complete(once.range(plain), true).masks.empty());
}

}  // namespace
}  // namespace reverie::program
