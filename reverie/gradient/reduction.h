// reduction.h: reduces activations to one number, with its gradient.
#pragma once

#include <span>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// The positions of a layer that a crop of a canvas counts in the objective's value. Every position
// is counted by one crop only, so that the values of all crops add up to the whole canvas's.
struct CountedPositions {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;  // rows and columns, without the last ones
  std::int64_t total = 0;  // number of positions of the whole canvas, the divisor of means

  bool contain(std::int64_t row, std::int64_t column) const {
    return top <= row && row < bottom && left <= column && column < right;
  }
  friend bool operator==(const CountedPositions&, const CountedPositions&) = default;
};

// Which of a layer's positions a term reads, and how.
struct PositionOptions {
  std::int64_t position = -1;  // an index into the plane [h,w], to read that one alone; -1: all
  // A weight of 0..1 for each position of the plane, which multiplies its term of the sum; empty:
  // 1.
  std::span<const float> weights = {};
  // Positions outside have a gradient, but do not count in the returned value. Null: all count.
  const CountedPositions* counted = nullptr;
};

// Adds the gradient of weight * reduction(a) to `output_grad` and returns weight * reduction(a).
//
// activation, output_grad: [C,h,w]; channels: never empty, each once. All threads; the same bits at
// any number of them. Where a is 0, the gradient of |a| is 0.
double add_reduction(Reduction reduction, ConstView activation, const std::vector<int>& channels,
                     double weight, View output_grad, const PositionOptions& options = {});

// The same for the mean over positions of the dot product of a and `direction`, which has a number
// for each channel.
double add_direction(const std::vector<float>& direction, ConstView activation, double weight,
                     View output_grad, const PositionOptions& options = {});

}  // namespace reverie
