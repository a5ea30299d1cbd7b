// augmentation.h: how a picture is held before the network: mirrored, turned, nearer or further.
//
// What stays up whichever way the picture is held is a form, and what does not is the network's
// grain.
#pragma once

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_PRIVATE_API reverie {

// Around the middle of the picture, in this order.
struct Augmentation {
  bool mirrored = false;  // left for right
  double degrees = 0;     // turned clockwise
  double scale = 1;       // larger than 1: nearer

  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// Overwrites `to` with `from` held so, bilinear; past its edges the edge's pixels go on. Both
// [C,H,W]; they must not overlap. The same bits at any number of threads.
void augment(ConstView from, const Augmentation& augmentation, View to);

// The transpose: brings a gradient at the held picture back to the picture. sum(augmentation(x) *
// y) = sum(x * augment_transpose(y)). Both [C,H,W]; they must not overlap.
void augment_transpose(ConstView from, const Augmentation& augmentation, View to);

}  // namespace reverie
