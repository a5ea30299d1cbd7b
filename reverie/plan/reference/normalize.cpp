#include "reverie/plan/reference/normalize.h"

#include <cmath>

namespace reverie::reference {
namespace {

// Calls visit(channel, element index) for all elements of each set that has a mean of its own;
// begin() before each set.
template <class Set>
void for_each_set(const Normalize& normalize, const Shape& shape, Set&& set) {
  const std::int64_t plane = shape.height() * shape.width();
  const std::int64_t each = shape.channels() / normalize.groups;
  const bool by_pixel = normalize.over == Normalize::Over::pixel;
  for (std::int64_t group = 0; group < normalize.groups; ++group)
    for (std::int64_t first = 0; first < (by_pixel ? plane : 1); ++first)
      set(static_cast<double>(by_pixel ? each : each * plane), [=](auto&& visit) {
        for (std::int64_t c = group * each; c < (group + 1) * each; ++c)
          for (std::int64_t p = first; p < (by_pixel ? first + 1 : plane); ++p)
            visit(c, c * plane + p);
      });
}

struct Moments {
  double mean = 0, deviation = 0;
};

template <class Elements>
Moments moments_of(const Array& x, double count, double epsilon, const Elements& each_element) {
  Moments m;
  each_element([&](std::int64_t, std::int64_t i) { m.mean += x[i] / count; });
  double variance = 0;
  each_element(
      [&](std::int64_t, std::int64_t i) { variance += (x[i] - m.mean) * (x[i] - m.mean) / count; });
  m.deviation = std::sqrt(variance + epsilon);
  return m;
}

double scale_of(const Normalize& normalize, std::int64_t c) {
  return normalize.scale ? (*normalize.scale)[c] : 1;
}

}  // namespace

Array normalized(const Normalize& normalize, const Array& x) {
  Array y(x.shape());
  for_each_set(normalize, x.shape(), [&](double count, const auto& each_element) {
    const Moments m = moments_of(x, count, normalize.epsilon, each_element);
    each_element([&](std::int64_t c, std::int64_t i) {
      y[i] = (x[i] - m.mean) / m.deviation * scale_of(normalize, c) +
             (normalize.shift ? (*normalize.shift)[c] : 0);
    });
  });
  return y;
}

// With n = (x - mean) / deviation and g = scale * dy: dx = (g - mean(g) - n mean(g n)) / deviation
void add_normalized_grads(const Normalize& normalize, const Array& x, const Array& dy, Array& dx) {
  for_each_set(normalize, x.shape(), [&](double count, const auto& each_element) {
    const Moments m = moments_of(x, count, normalize.epsilon, each_element);
    double mean = 0, mean_with_n = 0;
    each_element([&](std::int64_t c, std::int64_t i) {
      const double g = scale_of(normalize, c) * dy[i];
      mean += g / count;
      mean_with_n += g * (x[i] - m.mean) / m.deviation / count;
    });
    each_element([&](std::int64_t c, std::int64_t i) {
      const double g = scale_of(normalize, c) * dy[i];
      dx[i] += (g - mean - (x[i] - m.mean) / m.deviation * mean_with_n) / m.deviation;
    });
  });
}

}  // namespace reverie::reference
