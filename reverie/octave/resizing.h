// resizing.h: resizes a dream between octaves, as the named programs do.
#pragma once

#include "reverie/octave/kinds.h"
#include "reverie/octave/pyramid.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

SizeRule size_rule(Resizing how);

// `from`, [C,H,W], at another size; a copy where the size is the same. Source of `pillow`: clip,
// cut to uint8, PIL's LANCZOS, which rounds to 8 bit after each axis; PIL's weights have 22 bits,
// so one in some thousand values may be off by one.
Tensor resized(ConstView from, Size size, Resizing how);

}  // namespace reverie
