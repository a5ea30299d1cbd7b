// resample.h: exact, named ways to change a picture's size. Each reproduces one program's numbers.
#pragma once

#include <string_view>

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

enum class Resampler {
  scipy_zoom,  // SciPy nd.zoom(order=1): bilinear, end points aligned, no antialiasing
  tf_legacy,   // TensorFlow 1 resize_bilinear: src = dst * in / out, no antialiasing
  tf_half,     // tf.image.resize bilinear: half-pixel centres, no antialiasing
  opencv,      // cv::resize INTER_LINEAR on float: half-pixel centres, edges repeated
  lanczos      // PIL's LANCZOS on float: three lobes, widened when shrinking (antialiased)
};

// Overwrites `to` with `from` resampled to its size. Both [C,H,W] with equal C; they must not
// overlap. The same bits at any thread count. Errors: BadShape for unequal channels or an empty
// picture.
void resample(ConstView from, View to, Resampler how);

// The same into a new tensor of height x width.
Tensor resampled(ConstView from, std::int64_t height, std::int64_t width, Resampler how);

}  // namespace reverie
