// resample.h: layers that put pixels elsewhere, or sum them over a neighbourhood, in double.
#pragma once

#include "reverie/graph/axis_map.h"
#include "reverie/plan/reference/reference.h"

namespace reverie::reference {

// The value of a Resize or a Pad whose map this is, [C,h,w] of `shape`, for an input x; and the
// addition to the gradient of x, given that of the value.
Array resampled(const PlaneMap& map, const Array& x, const Shape& shape);
void add_resampled_grads(const PlaneMap& map, const Array& dy, Array& dx);

Array transposed_convolution(const TransposedConvolution& conv, const Array& x, const Shape& shape);
void add_transposed_convolution_grads(const TransposedConvolution& conv, const Array& dy,
                                      Array& dx);

Array depth_to_space(const DepthToSpace& depth, const Array& x, const Shape& shape);
void add_depth_to_space_grads(const DepthToSpace& depth, const Array& dy, Array& dx);

}  // namespace reverie::reference
