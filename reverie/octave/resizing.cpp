#include "reverie/octave/resizing.h"

#include <algorithm>
#include <cmath>

#include "reverie/image/resample.h"

namespace reverie {
namespace {

struct Way {
  Resampler resampler;
  SizeRule sizes;
};

Way way(Resizing how) {
  switch (how) {
    case Resizing::scipy:
      return {Resampler::scipy_zoom, SizeRule::chain_rounded};
    case Resizing::tf1:
      return {Resampler::tf_legacy, SizeRule::chain_truncated_float};
    case Resizing::tf2:
      return {Resampler::tf_half, SizeRule::list_truncated};
    case Resizing::opencv:
      return {Resampler::opencv, SizeRule::list_rounded};
    case Resizing::lanczos:
    case Resizing::pillow:
      break;
  }
  return {Resampler::lanczos, SizeRule::chain_truncated};
}

void round_to_bytes(Tensor& values) {
  for (float& v : values.elements()) v = std::clamp(std::floor(v + 0.5f), 0.f, 255.f);
}

Tensor resized_by_pillow(ConstView from, Size size) {
  Tensor bytes = Tensor::copy_of(from);
  for (float& v : bytes.elements()) v = std::trunc(std::clamp(v, 0.f, 255.f));
  Tensor across = resampled(bytes, from.shape().height(), size.width, Resampler::lanczos);
  round_to_bytes(across);
  Tensor both = resampled(across, size.height, size.width, Resampler::lanczos);
  round_to_bytes(both);
  return both;
}

}  // namespace

SizeRule size_rule(Resizing how) { return way(how).sizes; }

Tensor resized(ConstView from, Size size, Resizing how) {
  if (size == Size{from.shape().height(), from.shape().width()}) return Tensor::copy_of(from);
  if (how == Resizing::pillow) return resized_by_pillow(from, size);
  return resampled(from, size.height, size.width, way(how).resampler);
}

}  // namespace reverie
