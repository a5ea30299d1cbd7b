#include "reverie/ascent/normalize.h"

#include <cmath>

#include "reverie/ascent/laplacian.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

double mean_of(ConstView values) {
  const double sum = parallel_sum(values.size(), [&](std::int64_t begin, std::int64_t end) {
    double part = 0;
    for (std::int64_t i = begin; i < end; ++i) part += values.data()[i];
    return part;
  });
  return sum / static_cast<double>(values.size());
}

double squares_around(ConstView values, double mean) {
  return parallel_sum(values.size(), [&](std::int64_t begin, std::int64_t end) {
    double part = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const double difference = values.data()[i] - mean;
      part += difference * difference;
    }
    return part;
  });
}

}  // namespace

double mean_abs(ConstView values) {
  const double sum = parallel_sum(values.size(), [&](std::int64_t begin, std::int64_t end) {
    // Eight sums side by side: short enough to stay exact in float's exponent, wide enough for
    // vectors
    double lanes[8] = {};
    std::int64_t i = begin;
    for (; i + 8 <= end; i += 8)
      for (int lane = 0; lane < 8; ++lane) lanes[lane] += std::abs(values.data()[i + lane]);
    for (; i < end; ++i) lanes[0] += std::abs(values.data()[i]);
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  });
  return sum / static_cast<double>(values.size());
}

double normalize(View grad, Normalization how, double epsilon) {
  const auto count = static_cast<double>(grad.size());
  switch (how) {
    case Normalization::mean_abs: {
      const double mean = mean_abs(grad);
      return mean > 0 ? mean + epsilon : 0;
    }
    case Normalization::std: {
      const double squares = squares_around(grad, mean_of(grad));
      return squares > 0 ? std::sqrt(squares / count) + epsilon : 0;
    }
    case Normalization::standardize: {
      const double mean = mean_of(grad), squares = squares_around(grad, mean);
      const auto shift = static_cast<float>(mean);
      parallel_for(grad.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) grad.data()[i] -= shift;
      });
      return squares > 0 ? std::sqrt(squares / std::max(count - 1, 1.0)) + epsilon : 0;
    }
    case Normalization::laplacian:
      normalize_laplacian(grad);
      return 1;
  }
  return 0;
}

}  // namespace reverie
