// roll.h: cyclic shifts of pictures.
#pragma once

#include "reverie/ascent/kinds.h"
#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_PRIVATE_API reverie {

// Overwrites `to` with `from` displaced by `shift`: to[c, y + shift.y, x + shift.x] = from[c, y,
// x], indices modulo the size, as np.roll does. Both [C,H,W]; they must not overlap.
void roll(ConstView from, Offset shift, View to);

// to += factor * (from rolled by shift), and with `clip` limited to 0..255. Both [C,H,W]; they must
// not overlap.
void add_rolled(ConstView from, Offset shift, float factor, bool clip, View to);

}  // namespace reverie
