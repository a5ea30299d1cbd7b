// guide.h: matching the features of one picture with those of another.
#pragma once

#include <vector>

#include "reverie/gradient/reduction.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// For each position of `features` [C,h,w]: finds the position of `guide` [C,H,W] whose feature has
// the largest dot product with it over `channels`, adds weight * that feature to `output_grad`
// [C,h,w], and returns weight * the sum of those products. Ties go to the first position.
// `options.position` does not apply to guides.
//
// Works block by block: memory does not grow with the product of the two sizes. All threads; the
// same bits at any number of them. Source: google/deepdream, dream.ipynb, objective_guide: A = X^T
// Y, output_grad = Y[:, argmax of each row].
double match_guide(ConstView features, ConstView guide, const std::vector<int>& channels,
                   double weight, View output_grad, const PositionOptions& options = {});

}  // namespace reverie
