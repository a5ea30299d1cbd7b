#include "reverie/gradient/reduction.h"

#include <cmath>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The positions of a plane that a term reads.
struct Positions {
  std::int64_t plane, width, begin, end;
  const PositionOptions& options;

  Positions(ConstView activation, const PositionOptions& position_options)
      : plane(activation.size() / activation.shape().channels()),
        width(activation.shape().width()),
        begin(position_options.position < 0 ? 0 : position_options.position),
        end(position_options.position < 0 ? plane : position_options.position + 1),
        options(position_options) {}

  // What means are taken over.
  double count() const {
    const bool is_whole = options.position >= 0 || !options.counted;
    return static_cast<double>(is_whole ? end - begin : options.counted->total);
  }
  float weight(std::int64_t i) const {
    return options.weights.empty() ? 1 : options.weights[static_cast<std::size_t>(i)];
  }
  bool counts(std::int64_t i) const {
    return !options.counted || options.counted->contain(i / width, i % width);
  }
};

// Calls term(a, gradient) for every activation of the channels at the positions, which adds its
// gradient to `gradient`; returns the weighted sum of what it returns for those that are counted.
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
                   if (at.options.weights.empty() && !at.options.counted) {
                     for (std::int64_t i = at.begin; i < at.end; ++i) sum += term(a[i], s[i]);
                   } else {
                     for (std::int64_t i = at.begin; i < at.end; ++i) {
                       float grad = 0;
                       const double value = at.weight(i) * term(a[i], grad);
                       if (at.counts(i)) sum += value;
                       s[i] += at.weight(i) * grad;
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
                     double weight, View output_grad, const PositionOptions& options) {
  const Positions at(activation, options);
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
                     View output_grad, const PositionOptions& options) {
  const Positions at(activation, options);
  std::vector<double> sums(direction.size());
  parallel_for(static_cast<std::int64_t>(sums.size()), 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t c = begin; c < end; ++c) {
                   const double part = weight * direction[static_cast<std::size_t>(c)] / at.count();
                   double sum = 0;
                   for (std::int64_t i = at.begin; i < at.end; ++i) {
                     if (at.counts(i)) sum += at.weight(i) * activation[c * at.plane + i];
                     output_grad[c * at.plane + i] += at.weight(i) * static_cast<float>(part);
                   }
                   sums[static_cast<std::size_t>(c)] = part * sum;
                 }
               });
  double value = 0;
  for (double sum : sums) value += sum;
  return value;
}

}  // namespace reverie
