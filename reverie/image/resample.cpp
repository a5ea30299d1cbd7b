#include "reverie/image/resample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The two samples between which each output of one axis lies, and how far it is to the second.
template <class Real>
struct BilinearAxis {
  std::vector<int> low, high;
  std::vector<Real> part;

  explicit BilinearAxis(std::int64_t size)
      : low(static_cast<std::size_t>(size)), high(low.size()), part(low.size()) {}
  int size() const { return static_cast<int>(low.size()); }
  int first(std::size_t i) const { return low[i]; }
  int last(std::size_t i) const { return high[i]; }
};

// Source: scipy.ndimage.zoom, coordinate = index * (n - 1) / (m - 1) in double.
BilinearAxis<double> scipy_axis(std::int64_t n, std::int64_t m) {
  BilinearAxis<double> axis(m);
  const double scale = m > 1 ? static_cast<double>(n - 1) / static_cast<double>(m - 1) : 1.0;
  const int end = static_cast<int>(n - 1);
  for (std::size_t i = 0; i < axis.low.size(); ++i) {
    // SciPy drops what rounding carries past the end; here it is the last sample
    const double at = std::min(static_cast<double>(i) * scale, static_cast<double>(end));
    axis.low[i] = static_cast<int>(at);
    axis.high[i] = std::min(axis.low[i] + 1, end);
    axis.part[i] = at - static_cast<double>(axis.low[i]);
  }
  return axis;
}

// Source: TensorFlow's LegacyScaler and HalfPixelScaler (image_resizer_state.h), in float.
BilinearAxis<float> tf_axis(std::int64_t n, std::int64_t m, bool half_pixel) {
  BilinearAxis<float> axis(m);
  const float scale = static_cast<float>(n) / static_cast<float>(m);
  const int end = static_cast<int>(n - 1);
  for (std::size_t i = 0; i < axis.low.size(); ++i) {
    const float x = static_cast<float>(i);
    const float at = half_pixel ? (x + 0.5f) * scale - 0.5f : x * scale;
    const float floor = std::floor(at);
    axis.low[i] = std::clamp(static_cast<int>(floor), 0, end);
    axis.high[i] = std::clamp(static_cast<int>(std::ceil(at)), 0, end);
    axis.part[i] = at - floor;
  }
  return axis;
}

// Source: cv::resize, INTER_LINEAR on CV_32F: the coordinate in double, narrowed to float.
BilinearAxis<float> opencv_axis(std::int64_t n, std::int64_t m) {
  BilinearAxis<float> axis(m);
  const double scale = 1.0 / (static_cast<double>(m) / static_cast<double>(n));
  const int end = static_cast<int>(n - 1);
  for (std::size_t i = 0; i < axis.low.size(); ++i) {
    const float at = static_cast<float>((static_cast<double>(i) + 0.5) * scale - 0.5);
    const int low = static_cast<int>(std::floor(at));
    const bool inside = low >= 0 && low < end;
    axis.low[i] = std::clamp(low, 0, end);
    axis.high[i] = std::min(axis.low[i] + 1, end);
    axis.part[i] = inside ? at - static_cast<float>(low) : 0.0f;
  }
  return axis;
}

// The samples first..last that each output of one axis is made of, and their weights.
struct LanczosAxis {
  std::vector<int> from, count;
  std::vector<double> weights;  // `stride` for each output
  int stride = 0;

  int size() const { return static_cast<int>(from.size()); }
  int first(std::size_t i) const { return from[i]; }
  int last(std::size_t i) const { return from[i] + count[i] - 1; }
  const double* taps(std::size_t i) const {
    return weights.data() + i * static_cast<std::size_t>(stride);
  }
};

double lanczos3(double x) {
  const auto sinc = [](double v) {
    if (v == 0.0) return 1.0;
    v *= std::numbers::pi;
    return std::sin(v) / v;
  };
  return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

// Source: Pillow's precompute_coeffs (Resample.c).
LanczosAxis lanczos_axis(std::int64_t n, std::int64_t m) {
  LanczosAxis axis;
  axis.from.resize(static_cast<std::size_t>(m));
  axis.count.resize(axis.from.size());

  // Pillow leaves an axis alone whose size does not change
  if (n == m) {
    axis.stride = 1;
    axis.weights.assign(axis.from.size(), 1.0);
    for (std::size_t i = 0; i < axis.from.size(); ++i) axis.from[i] = static_cast<int>(i);
    std::fill(axis.count.begin(), axis.count.end(), 1);
    return axis;
  }

  const double scale = static_cast<double>(n) / static_cast<double>(m);
  const double widening = std::max(scale, 1.0);
  const double support = 3.0 * widening;
  axis.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  axis.weights.assign(axis.from.size() * static_cast<std::size_t>(axis.stride), 0.0);
  for (std::size_t i = 0; i < axis.from.size(); ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), static_cast<int>(n));
    double* taps = axis.weights.data() + i * static_cast<std::size_t>(axis.stride);
    double sum = 0;
    for (int k = 0; k < end - first; ++k)
      sum += taps[k] = lanczos3((k + first - centre + 0.5) / widening);
    if (sum != 0.0)
      for (int k = 0; k < end - first; ++k) taps[k] /= sum;
    axis.from[i] = first;
    axis.count[i] = end - first;
  }
  return axis;
}

// How each program puts two samples together; the order of operations is part of its numbers.
struct ScipyMix {
  using Real = double;
  static double mix(double a, double b, double t) { return a * (1.0 - t) + b * t; }
};
struct TensorflowMix {
  using Real = float;
  static float mix(float a, float b, float t) { return a + (b - a) * t; }
};
struct OpencvMix {
  using Real = float;
  static float mix(float a, float b, float t) { return a * (1.0f - t) + b * t; }
};

template <class Mix>
struct Bilinear {
  using Real = typename Mix::Real;
  using Axis = BilinearAxis<Real>;
  static constexpr int rows_kept(const Axis&) { return 2; }

  static void across(const float* __restrict from, const Axis& axis, Real* __restrict to) {
    const int size = axis.size();
    const int* low = axis.low.data();
    const int* high = axis.high.data();
    const Real* part = axis.part.data();
    for (int x = 0; x < size; ++x) to[x] = Mix::mix(from[low[x]], from[high[x]], part[x]);
  }

  // `row(y)` is the input row y after `across`.
  template <class Row>
  static void down(const Axis& axis, std::size_t y, const Row& row, int width,
                   float* __restrict to) {
    const Real* __restrict low = row(axis.low[y]);
    const Real* __restrict high = row(axis.high[y]);
    const Real part = axis.part[y];
    for (int x = 0; x < width; ++x) to[x] = static_cast<float>(Mix::mix(low[x], high[x], part));
  }
};

struct Lanczos {
  using Real = float;  // Pillow rounds to float between its two passes, and adds up in double
  using Axis = LanczosAxis;
  static int rows_kept(const Axis& axis) { return axis.stride; }

  static void across(const float* __restrict from, const Axis& axis, float* __restrict to) {
    for (int x = 0; x < axis.size(); ++x) {
      const std::size_t i = static_cast<std::size_t>(x);
      const double* taps = axis.taps(i);
      const float* samples = from + axis.from[i];
      double sum = 0;
      for (int k = 0; k < axis.count[i]; ++k) sum += static_cast<double>(samples[k]) * taps[k];
      to[x] = static_cast<float>(sum);
    }
  }

  template <class Row>
  static void down(const Axis& axis, std::size_t y, const Row& row, int width,
                   float* __restrict to) {
    // A strip at a time, so that the sums stay in the cache
    constexpr int strip = 256;
    const double* taps = axis.taps(y);
    for (int begin = 0; begin < width; begin += strip) {
      const int size = std::min(strip, width - begin);
      double sum[strip] = {};
      for (int k = 0; k < axis.count[y]; ++k) {
        const float* __restrict samples = row(axis.from[y] + k) + begin;
        const double tap = taps[k];
        for (int x = 0; x < size; ++x) sum[x] += static_cast<double>(samples[x]) * tap;
      }
      for (int x = 0; x < size; ++x) to[begin + x] = static_cast<float>(sum[x]);
    }
  }
};

// Each thread walks down its rows of the output, and keeps the few input rows that are resampled
// across already in a ring.
template <class Method>
void run(ConstView from, View to, const typename Method::Axis& columns,
         const typename Method::Axis& rows) {
  using Real = typename Method::Real;
  const std::int64_t in_height = from.shape().height(), in_width = from.shape().width();
  const std::int64_t height = to.shape().height(), width = to.shape().width();
  const std::int64_t lines = to.shape().channels() * height;
  const int kept = Method::rows_kept(rows);

  constexpr std::int64_t fewest_samples = 1 << 14;  // for which another thread is worth waking
  const std::int64_t parts =
      std::clamp<std::int64_t>(lines * width / fewest_samples, 1, thread_count());
  std::vector<Real> rings(static_cast<std::size_t>(parts * kept * width));
  std::vector<std::int64_t> held(static_cast<std::size_t>(parts * kept), -1);

  parallel_for(parts, 1, [&](std::int64_t first_part, std::int64_t end_part) {
    for (std::int64_t part = first_part; part < end_part; ++part) {
      Real* const ring = rings.data() + part * kept * width;
      std::int64_t* const holds = held.data() + part * kept;
      for (std::int64_t line = lines * part / parts; line < lines * (part + 1) / parts; ++line) {
        const std::int64_t plane = line / height;
        const std::size_t y = static_cast<std::size_t>(line % height);

        // Bring the rows that this line needs into the ring
        for (int in_y = rows.first(y); in_y <= rows.last(y); ++in_y) {
          const std::int64_t in_line = plane * in_height + in_y;
          if (holds[in_y % kept] == in_line) continue;
          Method::across(from.data() + in_line * in_width, columns, ring + in_y % kept * width);
          holds[in_y % kept] = in_line;
        }
        const auto row = [&](int in_y) -> const Real* { return ring + in_y % kept * width; };
        Method::down(rows, y, row, static_cast<int>(width), to.data() + line * width);
      }
    }
  });
}

void check(ConstView from, View to) {
  const Shape &a = from.shape(), &b = to.shape();
  const bool fit = a.rank() == 3 && b.rank() == 3 && a.channels() == b.channels();
  if (!fit || a.elements() == 0 || b.elements() == 0)
    throw BadShape(
        fmt::format("cannot resample {} to {}, expected two pictures of one or more pixels and "
                    "equal channels",
                    a.to_string(), b.to_string()));
}

}  // namespace

void resample(ConstView from, View to, Resampler how) {
  check(from, to);
  const std::int64_t in_height = from.shape().height(), in_width = from.shape().width();
  const std::int64_t height = to.shape().height(), width = to.shape().width();
  switch (how) {
    case Resampler::scipy_zoom:
      return run<Bilinear<ScipyMix>>(from, to, scipy_axis(in_width, width),
                                     scipy_axis(in_height, height));
    case Resampler::tf_legacy:
    case Resampler::tf_half: {
      const bool half = how == Resampler::tf_half;
      return run<Bilinear<TensorflowMix>>(from, to, tf_axis(in_width, width, half),
                                          tf_axis(in_height, height, half));
    }
    case Resampler::opencv:
      return run<Bilinear<OpencvMix>>(from, to, opencv_axis(in_width, width),
                                      opencv_axis(in_height, height));
    case Resampler::lanczos:
      return run<Lanczos>(from, to, lanczos_axis(in_width, width), lanczos_axis(in_height, height));
  }
}

Tensor resampled(ConstView from, std::int64_t height, std::int64_t width, Resampler how) {
  if (from.shape().rank() != 3 || height < 1 || width < 1)
    throw BadShape(fmt::format("cannot resample {} to {} x {} pixels", from.shape().to_string(),
                               width, height));
  Tensor to = Tensor::uninitialized({from.shape().channels(), height, width});
  resample(from, to, how);
  return to;
}

}  // namespace reverie
