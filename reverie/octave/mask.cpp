#include "reverie/octave/mask.h"

#include <algorithm>

#include "reverie/ascent/gaussian.h"
#include "reverie/base/threads.h"
#include "reverie/image/resample.h"

namespace reverie {
namespace {

// Pulls the edge of a mask inwards, where it fades: a Gaussian is a half at a straight edge, and
// all but reaches 1 two sigmas inside.
void feather(Tensor& mask, double feather_px) {
  const double sigma = feather_px / 2;
  Tensor blurred = Tensor::uninitialized(mask.shape());
  convolve(mask, gaussian_taps(sigma, scipy_radius(sigma)), Edge::symmetric, blurred);
  for (std::int64_t i = 0; i < mask.size(); ++i)
    mask[i] = std::min(mask[i], std::clamp(2 * blurred[i] - 1, 0.f, 1.f));
}

}  // namespace

Tensor make_mask(ConstView grey, Size size, const MaskOptions& options) {
  Tensor mask = resized_mask(grey, size);
  for (float& v : mask.elements()) {
    v = std::clamp(v / 255, 0.f, 1.f);
    if (options.invert) v = 1 - v;
  }
  if (options.feather_px > 0) feather(mask, options.feather_px);
  return mask;
}

Tensor resized_mask(ConstView mask, Size size) {
  // Bilinear never overshoots; halved again and again it leaves no pixel out
  Tensor now = Tensor::copy_of(mask);
  const auto next = [](std::int64_t side, std::int64_t wanted) {
    return side > 2 * wanted ? (side + 1) / 2 : wanted;
  };
  while (Size{now.shape().height(), now.shape().width()} != size)
    now = resampled(now, next(now.shape().height(), size.height),
                    next(now.shape().width(), size.width), Resampler::tf_half);
  return now;
}

void mix_by_mask(ConstView source, ConstView mask, View canvas) {
  const std::int64_t plane = mask.size();
  parallel_for(canvas.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float weight = mask.data()[i % plane];
      float& v = canvas.data()[i];
      if (weight == 0)
        v = source.data()[i];
      else if (weight < 1)
        v = source.data()[i] + weight * (v - source.data()[i]);
    }
  });
}

void keep_color(ConstView source, View canvas) {
  const std::int64_t plane = canvas.size() / 3;
  parallel_for(plane, 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float r = source[i], g = source[plane + i], b = source[2 * plane + i];
      const float lighter = 0.2126f * (canvas[i] - r) + 0.7152f * (canvas[plane + i] - g) +
                            0.0722f * (canvas[2 * plane + i] - b);
      // A source beyond black or white has no room on that side
      const float room_down = std::min(0.f, -std::min({r, g, b}));
      const float room_up = std::max(0.f, 255 - std::max({r, g, b}));
      const float move = std::clamp(lighter, room_down, room_up);
      canvas[i] = r + move;
      canvas[plane + i] = g + move;
      canvas[2 * plane + i] = b + move;
    }
  });
}

}  // namespace reverie
