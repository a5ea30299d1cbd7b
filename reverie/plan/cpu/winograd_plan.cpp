#include "reverie/plan/cpu/winograd_plan.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reverie/base/threads.h"
#include "reverie/plan/cpu/kernels/winograd.h"

namespace reverie::cpu {
namespace {

// The weights' transform: row j holds f_j * point_j^k, with f_j = 1 / product of the point's
// distances from the others; the last row is the point at infinity.
using Transform = std::array<std::array<double, 5>, 6>;
Transform kernel_transform(int kernel) {
  const double points[5] = {0, winograd_a, -winograd_a, winograd_b, -winograd_b};
  Transform g{};
  for (std::size_t j = 0; j < 5; ++j) {
    double factor = 1;
    for (std::size_t l = 0; l < 5; ++l)
      if (l != j) factor /= points[j] - points[l];
    for (int k = 0; k < kernel; ++k)
      g[j][static_cast<std::size_t>(k)] = factor * std::pow(points[j], k);
  }
  g[5][static_cast<std::size_t>(kernel - 1)] = 1;
  return g;
}

// Output channels whose kernels are transformed together: lanes are a multiple of it.
constexpr std::size_t run_lanes = 8;

// g * w * g^T of run_lanes kernels: w of the first is at `from`, the next after `from_pitch`; of
// the results, one for each position, those of the first position are at `to`.
void transform_kernels(const Transform& g, int kernel, const float* from, std::int64_t from_pitch,
                       float* to, std::int64_t to_pitch) {
  const auto n = static_cast<std::size_t>(kernel);
  double w[25][run_lanes], half[6][5][run_lanes] = {};
  for (std::size_t v = 0; v < run_lanes; ++v, from += from_pitch)
    for (std::size_t tap = 0; tap < n * n; ++tap) w[tap][v] = from[tap];
  for (std::size_t j = 0; j < 6; ++j)
    for (std::size_t x = 0; x < n; ++x)
      for (std::size_t y = 0; y < n; ++y)
        for (std::size_t v = 0; v < run_lanes; ++v) half[j][x][v] += g[j][y] * w[y * n + x][v];
  for (std::size_t j = 0; j < 6; ++j)
    for (std::size_t l = 0; l < 6; ++l, to += to_pitch) {
      double sum[run_lanes] = {};
      for (std::size_t x = 0; x < n; ++x)
        for (std::size_t v = 0; v < run_lanes; ++v) sum[v] += half[j][x][v] * g[l][x];
      for (std::size_t v = 0; v < run_lanes; ++v) to[v] = static_cast<float>(sum[v]);
    }
}

std::int64_t tile_count(const ConvolutionSpec& s) {
  const std::int64_t out = 7 - s.kernel_h;
  return ((s.out_height + out - 1) / out) * ((s.out_width + out - 1) / out);
}

// Chunks whose left factors stay in the second-level cache, evenly shared to the slots. Where there
// are few, the slots divide the outputs instead: then each reads only its part of the weights.
void share_out(Winograd& a, std::int64_t tiles, int used_channels) {
  constexpr std::int64_t bytes = 700 << 10;
  const std::int64_t fitting = bytes / (winograd_positions * 4 * used_channels) / 12 * 12;
  const std::int64_t max_tiles = std::clamp<std::int64_t>(fitting, 12, 60);
  std::int64_t chunks = (tiles + max_tiles - 1) / max_tiles;
  const int groups = (a.out_blocks + winograd_group - 1) / winograd_group;
  if (chunks < 4 * a.slots && groups >= 2 * a.slots)
    a.parts = a.slots;
  else
    chunks = (chunks + a.slots - 1) / a.slots * a.slots;
  const std::int64_t even = (tiles + chunks - 1) / chunks;
  a.chunk_tiles = static_cast<int>(std::min(max_tiles, (even + 3) / 4 * 4));
}

}  // namespace

bool winograd_possible(const ConvolutionSpec& s) {
  return s.kernel_h == s.kernel_w && s.kernel_h >= 3 && s.kernel_h <= 5 && s.stride_h == 1 &&
         s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1 && s.groups == 1 &&
         !s.plain_input && !s.backward_data && s.top >= 0 && s.left >= 0 && s.bottom >= 0 &&
         s.right >= 0;
}

double winograd_cost(const ConvolutionSpec& s, std::int64_t used_channels) {
  // Per tile: the products; then about 200 operations to transform a vector of inputs, and as many
  // for one of outputs
  const double ins = static_cast<double>((used_channels + s.lanes - 1) / s.lanes);
  const double outs = static_cast<double>(s.out_channels / s.lanes);
  const double products = winograd_positions * static_cast<double>(used_channels) * outs * 1.15;
  return static_cast<double>(tile_count(s)) * (products + 200 * ins + 200 * outs);
}

double direct_cost(const ConvolutionSpec& s) {
  const double cost = static_cast<double>(s.out_height * s.out_width) * s.kernel_h * s.kernel_w *
                      static_cast<double>(s.in_channels / s.groups) *
                      static_cast<double>(s.out_channels / s.lanes);
  return s.element == Element::bf16 ? cost / 2.1 : cost;  // two products an instruction
}

Winograd winograd_arguments(const ConvolutionSpec& spec, int used_channels, int slots) {
  Winograd a;
  a.kernel = spec.kernel_h;
  a.in_channels = used_channels;
  a.height = static_cast<int>(spec.in_height);
  a.width = static_cast<int>(spec.in_width);
  a.out_height = static_cast<int>(spec.out_height);
  a.out_width = static_cast<int>(spec.out_width);
  a.out_blocks = static_cast<int>(spec.out_channels) / spec.lanes;
  a.top = spec.top;
  a.left = spec.left;
  a.slots = slots;
  share_out(a, tile_count(spec), used_channels);
  a.relu = spec.relu.has_value();
  a.relu_grad = spec.relu.value_or(0.f);
  return a;
}

std::int64_t winograd_scratch_floats(int chunk_tiles, std::int64_t in_channels, int lanes) {
  const std::int64_t row = (in_channels + lanes - 1) / lanes * lanes;
  return chunk_tiles * winograd_pitch(row) +
         winograd_positions * winograd_product_pitch(chunk_tiles, lanes);
}

Tensor winograd_weights(ConstView plain, int kernel, int out_channels, int in_channels,
                        int used_channels, int lanes) {
  const Transform g = kernel_transform(kernel);
  const std::int64_t taps = kernel * kernel;
  const int blocks = out_channels / lanes;
  Tensor all =
      Tensor::uninitialized({std::int64_t{winograd_positions} * out_channels * used_channels});
  const auto transform_group = [&](int group) {
    const int columns = std::min(winograd_group, blocks - group);
    const std::int64_t width = std::int64_t{columns} * lanes;
    float* to = all.data() + std::int64_t{group} * lanes * winograd_positions * used_channels;
    for (std::int64_t i = 0; i < used_channels; ++i)
      for (std::int64_t o = 0; o < width; o += std::int64_t{run_lanes}, to += run_lanes) {
        const std::int64_t out = std::int64_t{group} * lanes + o;
        transform_kernels(g, kernel, plain.data() + (out * in_channels + i) * taps,
                          in_channels * taps, to, used_channels * width);
      }
  };
  parallel_for((blocks + winograd_group - 1) / winograd_group, 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t group = begin; group < end; ++group)
                   transform_group(static_cast<int>(group) * winograd_group);
               });
  return all;
}

}  // namespace reverie::cpu
