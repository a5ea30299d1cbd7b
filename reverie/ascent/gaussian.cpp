#include "reverie/ascent/gaussian.h"

#include <cassert>
#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The sums of one row of outputs: sample(k) is the row of samples at distance k - radius, k = 0 ..
// 2 radius. The centre first, then pairs from the outermost in, as SciPy adds symmetric kernels.
template <class Sample>
void add_up(std::span<const double> taps, std::int64_t width, const Sample& sample,
            double* __restrict sums, float* __restrict out) {
  const std::size_t radius = taps.size() / 2;
  const auto* const centre = sample(radius);
  for (std::int64_t x = 0; x < width; ++x) sums[x] = taps[radius] * static_cast<double>(centre[x]);
  for (std::size_t k = 0; k < radius; ++k) {
    const auto* const before = sample(k);
    const auto* const after = sample(2 * radius - k);
    const double tap = taps[k];
    for (std::int64_t x = 0; x < width; ++x)
      sums[x] += tap * (static_cast<double>(before[x]) + static_cast<double>(after[x]));
  }
  for (std::int64_t x = 0; x < width; ++x) out[x] = static_cast<float>(sums[x]);
}

void convolve_columns(ConstView from, std::span<const double> taps, Edge edge, View to) {
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  parallel_for(from.size() / width, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> sums(static_cast<std::size_t>(width));
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t top = line / height * height, y = line % height;
      const auto row = [&](std::size_t k) {
        const auto at = sample_at(y + static_cast<std::int64_t>(k) - radius, height, edge);
        return from.data() + (top + at) * width;
      };
      add_up(taps, width, row, sums.data(), to.data() + line * width);
    }
  });
}

void convolve_rows(ConstView from, std::span<const double> taps, Edge edge, View to) {
  const std::int64_t width = from.shape().width();
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  parallel_for(from.size() / width, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> sums(static_cast<std::size_t>(width));
    std::vector<float> padded(static_cast<std::size_t>(width + 2 * radius));
    for (std::int64_t line = begin; line < end; ++line) {
      const float* row = from.data() + line * width;
      for (std::int64_t i = -radius; i < width + radius; ++i)
        padded[static_cast<std::size_t>(i + radius)] = row[sample_at(i, width, edge)];
      add_up(
          taps, width, [&](std::size_t k) { return padded.data() + k; }, sums.data(),
          to.data() + line * width);
    }
  });
}

}  // namespace

std::int64_t sample_at(std::int64_t index, std::int64_t count, Edge edge) {
  if (index >= 0 && index < count) return index;
  if (edge == Edge::wrap) return ((index % count) + count) % count;
  if (edge == Edge::symmetric) {
    const std::int64_t period = 2 * count;
    const std::int64_t at = ((index % period) + period) % period;
    return at < count ? at : period - 1 - at;
  }
  if (count == 1) return 0;
  const std::int64_t period = 2 * count - 2;
  const std::int64_t at = ((index % period) + period) % period;
  return at < count ? at : period - at;
}

std::vector<double> gaussian_taps(double sigma, int radius) {
  std::vector<double> taps;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    taps.push_back(std::exp(-0.5 / (sigma * sigma) * (i * i)));
    sum += taps.back();
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

int scipy_radius(double sigma) { return static_cast<int>(4.0 * sigma + 0.5); }

void convolve(ConstView from, std::span<const double> taps, Edge edge, View to) {
  assert(from.shape() == to.shape() && taps.size() % 2 == 1);
  Tensor columns = Tensor::uninitialized(from.shape());
  convolve_columns(from, taps, edge, columns);
  convolve_rows(columns, taps, edge, to);
}

void convolve_channels(View values, std::span<const double> taps, Edge edge) {
  const std::int64_t channels = values.shape().channels();
  const std::int64_t plane = values.size() / channels;
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);

  // How much each channel gives to each: the taps folded back into the few channels
  std::vector<double> weight(static_cast<std::size_t>(channels * channels));
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const auto source = sample_at(c + static_cast<std::int64_t>(k) - radius, channels, edge);
      weight[static_cast<std::size_t>(c * channels + source)] += taps[k];
    }

  parallel_for(plane, 1 << 12, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> pixel(static_cast<std::size_t>(channels));
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t c = 0; c < channels; ++c)
        pixel[static_cast<std::size_t>(c)] = values.data()[c * plane + i];
      for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::int64_t s = 0; s < channels; ++s)
          sum += weight[static_cast<std::size_t>(c * channels + s)] *
                 static_cast<double>(pixel[static_cast<std::size_t>(s)]);
        values.data()[c * plane + i] = static_cast<float>(sum);
      }
    }
  });
}

}  // namespace reverie
