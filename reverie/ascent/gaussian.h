// gaussian.h: convolution with a Gaussian, one axis after the other.
#pragma once

#include <span>
#include <vector>

#include "reverie/tensor/tensor.h"

namespace reverie {

// How a row a b c d is extended at its ends.
enum class Edge {
  symmetric,  // b a | a b c d | d c: SciPy's `reflect`
  reflect,    // c b | a b c d | c b: PyTorch's `reflect`, without the edge sample
  wrap        // c d | a b c d | a b: periodic
};

// The sample of 0..count-1 that the extension has at `index`, at any distance outside.
std::int64_t sample_at(std::int64_t index, std::int64_t count, Edge edge);

// exp(-x^2 / (2 sigma^2)) at -radius..radius, scaled to add up to 1.
std::vector<double> gaussian_taps(double sigma, int radius);

// The radius at which SciPy's gaussian_filter truncates (truncate = 4).
int scipy_radius(double sigma);

// Overwrites `to` with `from` convolved along columns, then rows; `taps` is odd in number and
// symmetric. Sums are double, in SciPy's order, and rounded to float after each axis. Both [C,H,W];
// they must not overlap. All threads; the same bits at any number of them.
void convolve(ConstView from, std::span<const double> taps, Edge edge, View to);

// Convolves along the channels, which are few, in place.
void convolve_channels(View values, std::span<const double> taps, Edge edge);

}  // namespace reverie
