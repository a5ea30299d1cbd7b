// Where values lie: blocks of concats, copies, and convolutions that run as one.
#include "reverie/plan/program/layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reverie/plan/cpu/trial_network.h"

namespace reverie::program {
namespace {

constexpr int lanes = 16;

Layout layout_of(const cpu::Maker& maker) {
  return make_layout(maker.graph, infer_shapes(maker.graph, 20, 24), lanes);
}

const Value& value_of(const Layout& layout, int layer) {
  return layout.values[static_cast<std::size_t>(layer)];
}

TEST(Layout, BranchesOwnWholeBlocksOfTheirConcat) {
  cpu::Maker maker(1);
  const int a = maker.conv(0, 20, square(3, 1, 1)), b = maker.conv(0, 33, square(3, 1, 1));
  const int both = maker.add(Concat{}, {a, b});
  const Layout layout = layout_of(maker);
  const Value& joined = value_of(layout, both);
  EXPECT_EQ(joined.blocks, 5);  // of 20 channels two, of 33 three
  EXPECT_EQ(joined.place[0], 0);
  EXPECT_EQ(joined.place[19], 19);
  EXPECT_EQ(joined.place[20], 32);
  EXPECT_EQ(joined.place[52], 64);
  EXPECT_FALSE(in_order(joined));
  EXPECT_EQ(value_of(layout, a).storage, joined.storage);
  EXPECT_EQ(value_of(layout, b).storage, joined.storage);
  EXPECT_EQ(value_of(layout, a).first_block, 0);
  EXPECT_EQ(value_of(layout, b).first_block, 2);
  EXPECT_EQ(layout.copied[static_cast<std::size_t>(both)], (std::vector<bool>{false, false}));

  const std::vector<int> logical = logical_channels(joined, lanes);
  ASSERT_EQ(logical.size(), 80u);
  for (std::size_t c = 0; c < joined.place.size(); ++c)
    EXPECT_EQ(logical[static_cast<std::size_t>(joined.place[c])], static_cast<int>(c));
  EXPECT_EQ(std::count(logical.begin(), logical.end(), -1), 80 - 53);
}

TEST(Layout, WholeBlocksKeepTheOrderOfChannels) {
  cpu::Maker maker(2);
  const int a = maker.conv(0, 32, square(3, 1, 1)), b = maker.conv(0, 16, square(3, 1, 1));
  const int both = maker.add(Concat{}, {a, b});
  EXPECT_TRUE(in_order(value_of(layout_of(maker), both)));
}

TEST(Layout, ASelectionOfWholeBlocksLiesInItsInput) {
  cpu::Maker maker(8);
  const auto select = [&](int input, int first, int count) {
    SelectChannels selection;
    for (int c = first; c < first + count; ++c) selection.channels.push_back(c);
    return maker.add(selection, {input});
  };
  const int a = maker.conv(0, 20, square(3, 1, 1)), b = maker.conv(0, 33, square(3, 1, 1));
  const int both = maker.add(Concat{}, {a, b});
  const int second = select(both, 20, 33), part = select(second, 16, 17);
  const int across = select(both, 16, 8), less = select(second, 16, 15);
  const int picture = select(0, 0, 3);
  // As many channels as a block has, but turned, or one of them twice
  SelectChannels turned, twice;
  for (int c = 0; c < 16; ++c) turned.channels.push_back(20 + (c == 0 || c == 15 ? c : 15 - c));
  for (int c = 0; c < 16; ++c) twice.channels.push_back(20 + (c == 9 ? 3 : c));
  const int mixed = maker.add(turned, {both}), doubled = maker.add(twice, {both});
  const Layout layout = layout_of(maker);
  const auto is_copied = [&](int i) { return layout.copied[static_cast<std::size_t>(i)][0]; };
  EXPECT_FALSE(is_copied(second));
  EXPECT_EQ(value_of(layout, second).storage, value_of(layout, both).storage);
  EXPECT_EQ(value_of(layout, second).first_block, 2);
  EXPECT_EQ(value_of(layout, second).blocks, 3);
  EXPECT_FALSE(is_copied(part));
  EXPECT_EQ(value_of(layout, part).first_block, 3);
  EXPECT_EQ(value_of(layout, part).blocks, 2);
  for (int copied : {across, less, picture, mixed, doubled}) {
    EXPECT_TRUE(is_copied(copied));
    EXPECT_TRUE(in_order(value_of(layout, copied)));
  }
}

TEST(Layout, ABranchOfTwoConcatsIsCopiedIntoOne) {
  cpu::Maker maker(3);
  const int a = maker.conv(0, 16, square(3, 1, 1)), b = maker.conv(0, 16, square(3, 1, 1));
  const int one = maker.add(Concat{}, {a, b}), other = maker.add(Concat{}, {b, a});
  const Layout layout = layout_of(maker);
  const auto copies = [&](int layer) {
    const auto& copied = layout.copied[static_cast<std::size_t>(layer)];
    return std::count(copied.begin(), copied.end(), true);
  };
  EXPECT_EQ(copies(one) + copies(other), 2);
  EXPECT_NE(value_of(layout, one).storage, value_of(layout, other).storage);
}

TEST(Layout, PointwiseConvolutionsOfOneValueRunAsOne) {
  cpu::Maker maker(4);
  const int first = maker.conv(0, 16, square(3, 1, 1));
  const int a = maker.conv(first, 24, square(1)), b = maker.conv(first, 8, square(1));
  const int wide = maker.conv(first, 8, square(3, 1, 1));
  const Layout layout = layout_of(maker);
  int together = 0, layers = 0;
  for (const Group& group : layout.order) {
    layers += static_cast<int>(group.layers.size());
    if (group.layers == std::vector<int>{a, b}) ++together;
  }
  EXPECT_EQ(together, 1);
  EXPECT_EQ(layers, static_cast<int>(maker.graph.layers.size()));
  EXPECT_EQ(value_of(layout, a).storage, value_of(layout, b).storage);
  EXPECT_NE(value_of(layout, a).storage, value_of(layout, wide).storage);
}

TEST(Layout, GroupsAreSlicedWhereTheyFallOnBlocks) {
  cpu::Maker maker(5);
  const int input = maker.conv(0, 32, square(3, 1, 1));
  const auto kind = [&](int out, int groups) {
    const int layer = maker.conv(input, out, square(3, 1, 1), 0.f, groups);
    const auto& conv =
        std::get<Convolution>(maker.graph.layers[static_cast<std::size_t>(layer)].op);
    return grouping(conv, value_of(layout_of(maker), input), lanes);
  };
  EXPECT_EQ(kind(32, 1), Grouping::dense);
  EXPECT_EQ(kind(32, 2), Grouping::sliced);
  EXPECT_EQ(kind(24, 4), Grouping::dense);
  EXPECT_EQ(kind(32, 32), Grouping::depthwise);
}

}  // namespace
}  // namespace reverie::program
