#include "reverie/ascent/gaussian.h"

#include <cassert>
#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

void convolve_rows(ConstView from, std::span<const float> taps, Edge edge, View to) {
  const std::int64_t width = from.shape().width();
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  parallel_for(from.size() / width, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> padded(static_cast<std::size_t>(width + 2 * radius));
    for (std::int64_t line = begin; line < end; ++line) {
      const float* row = from.data() + line * width;
      std::copy_n(row, width, padded.data() + radius);
      for (std::int64_t i = 1; i <= radius; ++i) {
        padded[static_cast<std::size_t>(radius - i)] = row[sample_at(-i, width, edge)];
        padded[static_cast<std::size_t>(radius + width - 1 + i)] =
            row[sample_at(width - 1 + i, width, edge)];
      }
      float* __restrict out = to.data() + line * width;
      std::fill_n(out, width, 0.f);
      for (std::size_t k = 0; k < taps.size(); ++k) {
        const float* __restrict samples = padded.data() + k;
        for (std::int64_t x = 0; x < width; ++x) out[x] += taps[k] * samples[x];
      }
    }
  });
}

void convolve_columns(ConstView from, std::span<const float> taps, Edge edge, View to) {
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  parallel_for(from.size() / width, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t top = line / height * height, y = line % height;
      float* __restrict out = to.data() + line * width;
      std::fill_n(out, width, 0.f);
      for (std::size_t k = 0; k < taps.size(); ++k) {
        const std::int64_t at = sample_at(y + static_cast<std::int64_t>(k) - radius, height, edge);
        const float* __restrict samples = from.data() + (top + at) * width;
        for (std::int64_t x = 0; x < width; ++x) out[x] += taps[k] * samples[x];
      }
    }
  });
}

}  // namespace

std::int64_t sample_at(std::int64_t index, std::int64_t count, Edge edge) {
  if (index >= 0 && index < count) return index;
  if (edge == Edge::repeated) {
    const std::int64_t period = 2 * count;
    const std::int64_t at = ((index % period) + period) % period;
    return at < count ? at : period - 1 - at;
  }
  if (count == 1) return 0;
  const std::int64_t period = 2 * count - 2;
  const std::int64_t at = ((index % period) + period) % period;
  return at < count ? at : period - at;
}

std::vector<float> gaussian_taps(double sigma, int radius) {
  std::vector<double> wide;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    wide.push_back(std::exp(-0.5 * i * i / (sigma * sigma)));
    sum += wide.back();
  }
  std::vector<float> taps;
  for (double tap : wide) taps.push_back(static_cast<float>(tap / sum));
  return taps;
}

int scipy_radius(double sigma) { return static_cast<int>(4.0 * sigma + 0.5); }

void convolve(ConstView from, std::span<const float> taps, Edge edge, View to) {
  assert(from.shape() == to.shape() && taps.size() % 2 == 1);
  Tensor rows = Tensor::uninitialized(from.shape());
  convolve_rows(from, taps, edge, rows);
  convolve_columns(rows, taps, edge, to);
}

void convolve_channels(View values, std::span<const float> taps, Edge edge) {
  const std::int64_t channels = values.shape().channels();
  const std::int64_t plane = values.size() / channels;
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);

  // How much each channel gives to each: the taps folded back into the few channels
  std::vector<float> share(static_cast<std::size_t>(channels * channels));
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const auto source = sample_at(c + static_cast<std::int64_t>(k) - radius, channels, edge);
      share[static_cast<std::size_t>(c * channels + source)] += taps[k];
    }

  parallel_for(plane, 1 << 12, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> pixel(static_cast<std::size_t>(channels));
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t c = 0; c < channels; ++c)
        pixel[static_cast<std::size_t>(c)] = values.data()[c * plane + i];
      for (std::int64_t c = 0; c < channels; ++c) {
        float sum = 0;
        for (std::int64_t s = 0; s < channels; ++s)
          sum += share[static_cast<std::size_t>(c * channels + s)] *
                 pixel[static_cast<std::size_t>(s)];
        values.data()[c * plane + i] = sum;
      }
    }
  });
}

}  // namespace reverie
