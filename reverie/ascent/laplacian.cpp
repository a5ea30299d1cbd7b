#include "reverie/ascent/laplacian.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr float taps[5] = {1.f / 16, 4.f / 16, 6.f / 16, 4.f / 16, 1.f / 16};

std::int64_t halved(std::int64_t count) { return (count + 1) / 2; }

// The samples before the first that SAME padding makes up.
std::int64_t padding(std::int64_t count) { return count % 2 == 0 ? 1 : 2; }

// ---- Down: low[i] = sum over k of taps[k] * high[2 i + k - padding]

void down_row(const float* high, std::int64_t width, float* low) {
  const std::int64_t before = padding(width);
  for (std::int64_t i = 0; i < halved(width); ++i) {
    float sum = 0;
    for (std::int64_t k = 0; k < 5; ++k)
      if (const std::int64_t x = 2 * i + k - before; x >= 0 && x < width) sum += taps[k] * high[x];
    low[i] = sum;
  }
}

Tensor down(ConstView high) {
  const std::int64_t height = high.shape().height(), width = high.shape().width();
  const std::int64_t channels = high.shape().channels(), low_width = halved(width);
  Tensor across = Tensor::uninitialized({channels, height, low_width});
  parallel_for(channels * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line)
      down_row(high.data() + line * width, width, across.data() + line * low_width);
  });

  const std::int64_t low_height = halved(height), before = padding(height);
  Tensor low({channels, low_height, low_width});
  parallel_for(channels * low_height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / low_height, i = line % low_height;
      float* out = low.data() + line * low_width;
      for (std::int64_t k = 0; k < 5; ++k) {
        const std::int64_t y = 2 * i + k - before;
        if (y < 0 || y >= height) continue;
        const float* row = across.data() + (channel * height + y) * low_width;
        for (std::int64_t x = 0; x < low_width; ++x) out[x] += taps[k] * row[x];
      }
    }
  });
  return low;
}

// ---- Up, the transpose of down, times two along each axis so that the mean stays

void up_row(const float* low, std::int64_t width, float* high) {
  const std::int64_t before = padding(width);
  std::fill_n(high, width, 0.f);
  for (std::int64_t i = 0; i < halved(width); ++i)
    for (std::int64_t k = 0; k < 5; ++k)
      if (const std::int64_t x = 2 * i + k - before; x >= 0 && x < width)
        high[x] += 2 * taps[k] * low[i];
}

// high += sign * up(low)
void add_up(ConstView low, float sign, View high) {
  const std::int64_t height = high.shape().height(), width = high.shape().width();
  const std::int64_t channels = high.shape().channels();
  const std::int64_t low_height = halved(height), low_width = halved(width);
  Tensor across = Tensor::uninitialized({channels, low_height, width});
  parallel_for(channels * low_height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line)
      up_row(low.data() + line * low_width, width, across.data() + line * width);
  });

  const std::int64_t before = padding(height);
  parallel_for(channels * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / height, y = line % height;
      float* out = high.data() + line * width;
      for (std::int64_t k = (y + before) % 2; k < 5; k += 2) {
        const std::int64_t i = (y + before - k) / 2;
        if (y + before < k || i >= low_height) continue;
        const float* row = across.data() + (channel * low_height + i) * width;
        const float factor = sign * 2 * taps[k];
        for (std::int64_t x = 0; x < width; ++x) out[x] += factor * row[x];
      }
    }
  });
}

void divide_by_rms(View band) {
  const double sum = parallel_sum(band.size(), [&](std::int64_t begin, std::int64_t end) {
    double squares = 0;
    for (std::int64_t i = begin; i < end; ++i) squares += double{band.data()[i]} * band.data()[i];
    return squares;
  });
  const double rms = std::sqrt(sum / static_cast<double>(band.size()));
  const auto factor = static_cast<float>(1 / std::max(rms, 1e-10));
  parallel_for(band.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) band.data()[i] *= factor;
  });
}

}  // namespace

void normalize_laplacian(View grad, int levels) {
  // Split: each band is what the next coarser level does not have
  std::vector<Tensor> bands;
  Tensor low = Tensor::copy_of(grad);
  for (int level = 0; level < levels; ++level) {
    Tensor lower = down(low);
    add_up(lower, -1, low);
    bands.push_back(std::move(low));
    low = std::move(lower);
  }

  // Make all equally strong, and merge
  divide_by_rms(low);
  while (!bands.empty()) {
    Tensor band = std::move(bands.back());
    bands.pop_back();
    divide_by_rms(band);
    add_up(low, 1, band);
    low = std::move(band);
  }
  std::copy(low.elements().begin(), low.elements().end(), grad.data());
}

}  // namespace reverie
