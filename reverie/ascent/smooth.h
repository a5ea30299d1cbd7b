// smooth.h: gradients without their finest grain, so that larger shapes grow.
#pragma once

#include "reverie/tensor/tensor.h"

namespace reverie {

enum class Smoothing {
  none,
  // The sum of three Gaussians, of sigma, 2 sigma and sigma / 2, where sigma = 4 i / N + 0.5 grows
  // with the iteration i of N. Source: Hvass Laboratories, tutorial 14; SciPy's gaussian_filter.
  growing,
  // The same, also across the colours, as that program does by giving one sigma for all axes: the
  // wider the Gaussian, the greyer the step.
  growing_colour,
  // The mean of three Gaussians of 9 x 9 px, of sigma / 2, sigma and 2 sigma, where sigma =
  // 2 (i + 1) / N + 0.5. Source: gordicaleksa/pytorch-deepdream, CascadeGaussianSmoothing.
  cascade
};

// Smooths in place. slope: [C,H,W]; iteration: 0-based; around: the canvas goes on at the opposite
// edge. All threads; the same bits at any number of them.
void smooth(View slope, Smoothing how, int iteration, int iterations, bool around = false);

}  // namespace reverie
