// measure.h: one number from many activations, and how it changes with each.
#pragma once

#include <span>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Adds the gradient of weight * measure(a) to `output gradient` and returns weight * measure(a).
//
// activation, output gradient: [C,h,w]; channels: never empty, each once. All threads; the same
// bits at any number of them. Where a is 0, the gradient of |a| is 0. `position`: an index into the
// plane [h,w], to look there alone; -1: everywhere. `share`: how much each position of the plane
// counts, 0..1, which multiplies what it adds to the sum; empty: all count in full.
double add_reduction(Reduction reduction, ConstView activation, const std::vector<int>& channels,
                     double weight, View output_grad, std::int64_t position = -1,
                     std::span<const float> share = {});

// The same for the mean over positions of the dot product of a and `direction`, which has a number
// for each channel.
double add_direction(const std::vector<float>& direction, ConstView activation, double weight,
                     View output_grad, std::int64_t position = -1,
                     std::span<const float> share = {});

}  // namespace reverie
