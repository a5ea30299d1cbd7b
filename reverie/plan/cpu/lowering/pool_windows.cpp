#include "reverie/plan/cpu/lowering/pool_windows.h"

#include <algorithm>

#include "reverie/graph/shapes.h"

namespace reverie::cpu {
namespace {

// One axis of a pool.
struct Axis {
  int windows, kernel, stride, dilation;
  int before, extent, after;  // padding, input, padding
};

std::vector<int> counted_taps(const Axis& axis, bool count_padding) {
  std::vector<int> taps;
  for (int window = 0; window < axis.windows; ++window) {
    int inside = 0;
    for (int k = 0; k < axis.kernel; ++k) {
      const int at = window * axis.stride - axis.before + k * axis.dilation;
      inside += count_padding ? at < axis.extent + axis.after : at >= 0 && at < axis.extent;
    }
    taps.push_back(std::max(inside, 1));
  }
  return taps;
}

}  // namespace

PoolGeometry pool_geometry(const Pool& pool, const Shape& in, const Shape& out, int blocks) {
  PoolGeometry g;
  g.blocks = blocks;
  g.height = static_cast<int>(in.height());
  g.width = static_cast<int>(in.width());
  g.out_height = static_cast<int>(out.height());
  g.out_width = static_cast<int>(out.width());
  if (pool.global) {
    g.kernel_h = g.height;
    g.kernel_w = g.width;
    return g;
  }
  const Padding padding = resolve_padding(pool.window, in.height(), in.width());
  g.kernel_h = pool.window.kernel_h;
  g.kernel_w = pool.window.kernel_w;
  g.stride_h = pool.window.stride_h;
  g.stride_w = pool.window.stride_w;
  g.dilation_h = pool.window.dilation_h;
  g.dilation_w = pool.window.dilation_w;
  g.top = padding.top;
  g.left = padding.left;
  return g;
}

std::pair<std::vector<int>, std::vector<int>> pool_divisors(const Pool& pool, const Shape& in,
                                                            const Shape& out) {
  const PoolGeometry g = pool_geometry(pool, in, out, 0);
  const Padding padding =
      pool.global ? Padding{} : resolve_padding(pool.window, in.height(), in.width());
  const Axis down{g.out_height, g.kernel_h, g.stride_h,    g.dilation_h,
                  g.top,        g.height,   padding.bottom};
  const Axis across{g.out_width, g.kernel_w, g.stride_w,   g.dilation_w,
                    g.left,      g.width,    padding.right};
  return {counted_taps(down, pool.count_padding), counted_taps(across, pool.count_padding)};
}

}  // namespace reverie::cpu
