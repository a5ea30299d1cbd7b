// winograd.h: what Winograd convolutions with tiles of 6x6 need besides their kernel.
//
// The method evaluates polynomials at 0, +-5/8, +-3/2 and infinity: points whose powers are exact
// in float32 and which keep rounding errors small. One transform of the input then serves every
// kernel size r; outputs come in tiles of m = 7 - r. Source: Lavin and Gray, "Fast algorithms for
// convolutional neural networks", 2015, with other points.
#pragma once

#include <cstdint>

namespace reverie::cpu {

// The positive points, and what the transforms are made of.
inline constexpr float winograd_a = 0.625f, winograd_b = 1.5f;
inline constexpr int winograd_tile = 6;
inline constexpr int winograd_positions = winograd_tile * winograd_tile;

// Output vectors that are computed together; the weights are kept in such groups.
inline constexpr int winograd_group = 2;

// Floats between the tiles of a chunk, padded so that they do not fall on the same cache lines.
inline constexpr std::int64_t winograd_pitch(std::int64_t channels) {
  return winograd_positions * channels + 16;
}

// Floats between the positions of a chunk's products, likewise.
inline constexpr std::int64_t winograd_product_pitch(std::int64_t tiles, std::int64_t lanes) {
  return tiles * winograd_group * lanes + 16;
}

}  // namespace reverie::cpu
