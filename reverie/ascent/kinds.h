// kinds.h: the options for turning a gradient into a step.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

enum class Normalization {
  mean_abs,     // by the mean of |g|. Source: google/deepdream, dream.ipynb
  std,          // by the standard deviation. Source: TensorFlow 2's tutorial; Hvass Laboratories
  standardize,  // minus the mean, by the unbiased deviation. Source: pytorch-deepdream
  laplacian     // each Laplacian band by its root mean square: see normalize_laplacian
};

enum class Smoothing {
  none,
  // The sum of three Gaussians, of sigma, 2 sigma and sigma / 2, where sigma = 4 i / N + 0.5 grows
  // with the iteration i of N. Source: Hvass Laboratories, tutorial 14; SciPy's gaussian_filter.
  growing,
  // The same, also across the colors, as that program does by giving one sigma for all axes: the
  // wider the Gaussian, the greyer the step.
  growing_color,
  // The mean of three Gaussians of 9 x 9 px, of sigma / 2, sigma and 2 sigma, where sigma =
  // 2 (i + 1) / N + 0.5. Source: gordicaleksa/pytorch-deepdream, CascadeGaussianSmoothing.
  cascade
};

enum class OptimizerKind {
  ascent,    // along the gradient
  momentum,  // along a running mean of gradients: jitter's noise averages out
  adam       // momentum, each value divided by the running root mean square of its gradients
};

// A displacement in pixels: positive x to the right, positive y down.
struct Offset {
  int x = 0;
  int y = 0;

  friend bool operator==(const Offset&, const Offset&) = default;
};

}  // namespace reverie
