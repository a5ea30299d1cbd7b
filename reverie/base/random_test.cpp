#include "reverie/base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace reverie {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers published with the authors' Random123 library (kat_vectors, philox4x32 10).
TEST(Random, PhiloxMatchesThePublishedVectors) {
  EXPECT_EQ(RandomStream::philox({0, 0}, {0, 0, 0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(RandomStream::philox({0xffffffff, 0xffffffff},
                                 {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(RandomStream::philox({0xa4093822, 0x299f31d0},
                                 {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, IntegersCoverTheRangeAndNothingElse) {
  RandomStream stream = Random(7).at(RandomUse::jitter, 0, 0, 0);
  std::set<int> seen;
  for (int i = 0; i < 5000; ++i) seen.insert(stream.uniform_int(-32, 32));
  EXPECT_EQ(seen.size(), 65u);
  EXPECT_EQ(*seen.begin(), -32);
  EXPECT_EQ(*seen.rbegin(), 32);
}

// What a recipe means: the words of the counter are never laid out anew.
TEST(Random, APlaceIsACounterOfPhilox) {
  const Words expected = RandomStream::philox({2, 1}, {0, 5, 7, (std::uint32_t{2} << 16) | 3});
  RandomStream stream = Random((std::uint64_t{1} << 32) | 2).at(RandomUse::noise, 5, 3, 7);
  for (const std::uint32_t word : expected) EXPECT_EQ(stream.next(), word);
}

TEST(Random, EveryPlaceHasItsOwnStream) {
  const Random random(1);
  std::set<std::uint32_t> first;
  for (std::uint32_t frame = 0; frame < 4; ++frame)
    for (std::uint32_t octave = 0; octave < 4; ++octave)
      for (std::uint32_t iteration = 0; iteration < 4; ++iteration)
        for (RandomUse use : {RandomUse::jitter, RandomUse::noise})
          first.insert(random.at(use, frame, octave, iteration).next());
  EXPECT_EQ(first.size(), 128u);
  EXPECT_EQ(random.at(RandomUse::jitter, 1, 2, 3).next(),
            Random(1).at(RandomUse::jitter, 1, 2, 3).next());
}

}  // namespace
}  // namespace reverie
