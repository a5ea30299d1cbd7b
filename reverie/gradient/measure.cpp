#include "reverie/gradient/measure.h"

#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// Calls term(a, s) for every activation of the channels and its seed; returns the sum of what it
// returns.
template <class Term>
double add_terms(ConstView activation, const std::vector<int>& channels, View seed, Term term) {
  const std::int64_t plane = activation.size() / activation.shape().channels();
  std::vector<double> sums(channels.size());
  parallel_for(static_cast<std::int64_t>(channels.size()), 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t k = begin; k < end; ++k) {
                   const int channel = channels[static_cast<std::size_t>(k)];
                   const float* a = activation.data() + channel * plane;
                   float* s = seed.data() + channel * plane;
                   double sum = 0;
                   for (std::int64_t i = 0; i < plane; ++i) sum += term(a[i], s[i]);
                   sums[static_cast<std::size_t>(k)] = sum;
                 }
               });
  double sum = 0;
  for (double channel_sum : sums) sum += channel_sum;
  return sum;
}

}  // namespace

double add_measure(Measure measure, ConstView activation, const std::vector<int>& channels,
                   double weight, View seed) {
  const std::int64_t plane = activation.size() / activation.shape().channels();
  const double count = static_cast<double>(plane) * static_cast<double>(channels.size());
  const auto squares = [&](double scale) {
    const auto factor = static_cast<float>(2 * scale);
    return scale * add_terms(activation, channels, seed, [factor](float a, float& s) {
             s += factor * a;
             return double{a} * a;
           });
  };
  switch (measure) {
    case Measure::energy:
      return squares(weight / 2);
    case Measure::square:
      return squares(weight / count);
    case Measure::mean: {
      const auto factor = static_cast<float>(weight / count);
      return weight / count * add_terms(activation, channels, seed, [factor](float a, float& s) {
               s += factor;
               return double{a};
             });
    }
    case Measure::l1: {
      const auto factor = static_cast<float>(weight);
      return weight * add_terms(activation, channels, seed, [factor](float a, float& s) {
               s += a > 0 ? factor : a < 0 ? -factor : 0.f;
               return std::abs(double{a});
             });
    }
  }
  return 0;
}

}  // namespace reverie
