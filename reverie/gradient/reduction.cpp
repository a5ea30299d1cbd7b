#include "reverie/gradient/reduction.h"

#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The positions of a plane that are looked at.
struct Positions {
  std::int64_t plane, begin, end;
  std::span<const float> share;

  Positions(ConstView activation, std::int64_t position, std::span<const float> shares)
      : plane(activation.size() / activation.shape().channels()),
        begin(position < 0 ? 0 : position),
        end(position < 0 ? plane : position + 1),
        share(shares) {}
  double count() const { return static_cast<double>(end - begin); }
  float share_of(std::int64_t i) const {
    return share.empty() ? 1 : share[static_cast<std::size_t>(i)];
  }
};

// Calls term(a, gradient) for every activation of the channels at the positions, which adds its
// gradient to `gradient`; returns the sum of what it returns, each as far as its position counts.
template <class Term>
double add_terms(ConstView activation, const std::vector<int>& channels, const Positions& at,
                 View output_grad, Term term) {
  std::vector<double> sums(channels.size());
  parallel_for(static_cast<std::int64_t>(channels.size()), 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t k = begin; k < end; ++k) {
                   const int channel = channels[static_cast<std::size_t>(k)];
                   const float* a = activation.data() + channel * at.plane;
                   float* s = output_grad.data() + channel * at.plane;
                   double sum = 0;
                   if (at.share.empty()) {
                     for (std::int64_t i = at.begin; i < at.end; ++i) sum += term(a[i], s[i]);
                   } else {
                     for (std::int64_t i = at.begin; i < at.end; ++i) {
                       float grad = 0;
                       sum += at.share_of(i) * term(a[i], grad);
                       s[i] += at.share_of(i) * grad;
                     }
                   }
                   sums[static_cast<std::size_t>(k)] = sum;
                 }
               });
  double sum = 0;
  for (double channel_sum : sums) sum += channel_sum;
  return sum;
}

}  // namespace

double add_reduction(Reduction reduction, ConstView activation, const std::vector<int>& channels,
                     double weight, View output_grad, std::int64_t position,
                     std::span<const float> share) {
  const Positions at(activation, position, share);
  const double count = at.count() * static_cast<double>(channels.size());
  const auto squares = [&](double scale) {
    const auto factor = static_cast<float>(2 * scale);
    return scale * add_terms(activation, channels, at, output_grad, [factor](float a, float& s) {
             s += factor * a;
             return double{a} * a;
           });
  };
  switch (reduction) {
    case Reduction::l2:
      return squares(weight / 2);
    case Reduction::mean_square:
      return squares(weight / count);
    case Reduction::mean: {
      const auto factor = static_cast<float>(weight / count);
      return weight / count *
             add_terms(activation, channels, at, output_grad, [factor](float a, float& s) {
               s += factor;
               return double{a};
             });
    }
    case Reduction::l1: {
      const auto factor = static_cast<float>(weight);
      return weight * add_terms(activation, channels, at, output_grad, [factor](float a, float& s) {
               s += a > 0 ? factor : a < 0 ? -factor : 0.f;
               return std::abs(double{a});
             });
    }
  }
  return 0;
}

double add_direction(const std::vector<float>& direction, ConstView activation, double weight,
                     View output_grad, std::int64_t position, std::span<const float> share) {
  const Positions at(activation, position, share);
  std::vector<double> sums(direction.size());
  parallel_for(static_cast<std::int64_t>(sums.size()), 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t c = begin; c < end; ++c) {
                   const double part = weight * direction[static_cast<std::size_t>(c)] / at.count();
                   double sum = 0;
                   for (std::int64_t i = at.begin; i < at.end; ++i) {
                     sum += at.share_of(i) * activation[c * at.plane + i];
                     output_grad[c * at.plane + i] += at.share_of(i) * static_cast<float>(part);
                   }
                   sums[static_cast<std::size_t>(c)] = part * sum;
                 }
               });
  double value = 0;
  for (double sum : sums) value += sum;
  return value;
}

}  // namespace reverie
