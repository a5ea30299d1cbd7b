// random.h: counter-based random numbers: a draw depends on its use, not on when it is made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// What a stream of random numbers is used for. The values are part of a recipe's result: never
// renumber them.
enum class RandomUse : std::uint32_t {
  jitter = 0,
  tiles = 1,
  noise = 2,
  channels = 3,
  wander = 4,
  augmentation = 5
};

// A stream of draws. Cheap to make, cheap to copy; not to be shared between threads.
//
// Source: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
class RandomStream {
 public:
  RandomStream(std::array<std::uint32_t, 2> key, std::array<std::uint32_t, 4> counter)
      : key_(key), counter_(counter) {}

  std::uint32_t next() {
    if (used_ == 4) {
      block_ = philox(key_, counter_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

  // Uniform in [0, 1), 24 bits.
  float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

  // Uniform over the integers low..high, both included. REQUIRES: low <= high.
  int uniform_int(int low, int high) {
    const std::uint64_t span =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low) + 1;
    return low + static_cast<int>((static_cast<std::uint64_t>(next()) * span) >> 32);
  }

  // The bare bijection, 10 rounds.
  static std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key,
                                             std::array<std::uint32_t, 4> c) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = 0xD2511F53ull * c[0];
      const std::uint64_t b = 0xCD9E8D57ull * c[2];
      c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
           static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
      key[0] += 0x9E3779B9u;
      key[1] += 0xBB67AE85u;
    }
    return c;
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  std::size_t used_ = 4;
};

// The seed of a dream. Gives an independent stream for each frame, octave, iteration and use.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0) : seed_(seed) {}

  RandomStream at(RandomUse use, std::uint32_t frame, std::uint32_t octave,
                  std::uint32_t iteration) const {
    // The first counter word counts blocks of one stream; use and octave share the last.
    const std::uint32_t place = (static_cast<std::uint32_t>(use) << 16) | (octave & 0xFFFFu);
    return RandomStream(
        {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)},
        {0, frame, iteration, place});
  }

 private:
  std::uint64_t seed_;
};

}  // namespace reverie
