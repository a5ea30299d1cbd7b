// smooth.h: Gaussian smoothing of gradients, so that larger shapes grow.
#pragma once

#include "reverie/ascent/kinds.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// Smooths in place. gradient: [C,H,W]; iteration: 0-based; wrap: the canvas is periodic. All
// threads; the same bits at any number of them.
void smooth(View grad, Smoothing how, int iteration, int iterations, bool wrap = false);

}  // namespace reverie
