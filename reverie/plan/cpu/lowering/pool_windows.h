// pool_windows.h: the windows of a pool as its kernels take them.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/plan/cpu/kernels/kernels.h"

namespace reverie::cpu {

// blocks: of the pool's value. Shapes are [channels, height, width].
PoolGeometry pool_geometry(const Pool& pool, const Shape& input, const Shape& output, int blocks);

// True when a tap's number in the window does not fit into a byte.
inline bool has_wide_argmax(const PoolGeometry& g) {
  return std::int64_t{g.kernel_h} * g.kernel_w > 255;
}

// Per row and per column of an average pool's output, the taps that its divisor counts; the divisor
// is their product.
std::pair<std::vector<int>, std::vector<int>> pool_divisors(const Pool& pool, const Shape& input,
                                                            const Shape& output);

}  // namespace reverie::cpu
