#include "reverie/ascent/smooth.h"

#include "reverie/ascent/gaussian.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

void add_scaled(ConstView from, float factor, View to) {
  parallel_for(to.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) to.data()[i] += factor * from.data()[i];
  });
}

}  // namespace

void smooth(View grad, Smoothing how, int iteration, int iterations, bool wrap) {
  if (how == Smoothing::none) return;
  const bool cascade = how == Smoothing::cascade;
  const double sigma =
      cascade ? (iteration + 1.0) / iterations * 2 + 0.5 : iteration * 4.0 / iterations + 0.5;
  const Edge edge = wrap ? Edge::wrap : cascade ? Edge::reflect : Edge::symmetric;
  Tensor sum(grad.shape()), blurred = Tensor::uninitialized(grad.shape());
  for (const double scale : {1.0, 2.0, 0.5}) {
    const double width = scale * sigma;
    const auto taps = gaussian_taps(width, cascade ? 4 : scipy_radius(width));
    convolve(grad, taps, edge, blurred);
    if (how == Smoothing::growing_color) convolve_channels(blurred, taps, Edge::symmetric);
    add_scaled(blurred, cascade ? 1.f / 3 : 1.f, sum);
  }
  std::copy(sum.elements().begin(), sum.elements().end(), grad.data());
}

}  // namespace reverie
