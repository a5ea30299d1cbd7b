// regularize.h: penalties on total variation (grain) and on the distance from the source.
#pragma once

#include "reverie/tensor/tensor.h"

namespace reverie {

// Returns the total variation of `canvas` [C,H,W], the sum over pixels and channels of sqrt(dx^2 +
// dy^2 + 1) - 1, in levels, where dx and dy are differences to the next pixel (0 past the edge),
// and adds weight * its gradient to `gradient`. The gradient of a pixel is at most about 3. All
// threads; the same bits at any number of them.
double add_total_variation(ConstView canvas, double weight, View grad);

// Returns sum((canvas - source)^2) / (2 * 16) and adds weight * its gradient to `gradient`: as
// strong as a mean gradient of 1 where the canvas is 16 levels from its source. All of one shape.
double add_source_distance(ConstView canvas, ConstView source, double weight, View grad);

}  // namespace reverie
