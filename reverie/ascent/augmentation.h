// augmentation.h: random augmentation of a picture: flip, rotation, scale.
//
// Patterns that survive it are shapes; the others are high-frequency noise that only the network
// sees.
#pragma once

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_PRIVATE_API reverie {

// Applied around the centre of the picture, in this order.
struct Augmentation {
  bool mirrored = false;  // left for right
  double degrees = 0;     // clockwise rotation
  double scale = 1;       // above 1: enlarges

  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// Overwrites `to` with `from` transformed, bilinear; beyond the edges the edge pixels are repeated.
// Both [C,H,W]; they must not overlap. The same bits at any number of threads.
void augment(ConstView from, const Augmentation& augmentation, View to);

// The transpose: maps a gradient at the transformed picture back to the picture.
// sum(augmentation(x) * y) = sum(x * augment_transpose(y)). Both [C,H,W]; they must not overlap.
void augment_transpose(ConstView from, const Augmentation& augmentation, View to);

}  // namespace reverie
