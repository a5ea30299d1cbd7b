// kinds.h: the options for turning a gradient into a step, and the settings of the ascent.
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

// Whether the dream changes colors.
enum class Color {
  free,  // colors may change
  keep   // every pixel keeps its color, and only its lightness changes
};

// The settings of a recipe for the ascent, which reads this struct itself: a new setting is added
// here, described in recipe.h, and used in ascent.cpp.
struct AscentSettings {
  // Steps at each octave.
  int iterations = 10;
  // Step size in grey levels (0..255), relative to the normalised gradient.
  double step = 1.5;
  // Whether values are limited to 0..255 after each step.
  bool clip = true;
  Normalization normalize = Normalization::mean_abs;
  Smoothing smooth = Smoothing::none;
  OptimizerKind optimizer = OptimizerKind::ascent;
  // Decay of the running mean of gradients, 0..1; for momentum and Adam.
  double momentum = 0.9;
  // Weight of the total-variation penalty; 1: as strong as the objective.
  double tv_penalty = 0;
  // Weight of the penalty on the distance from the picture; 1: as strong as the objective at a
  // distance of 16 grey levels.
  double source_penalty = 0;
  // Sigma of the Gaussian that blurs the canvas after each step, px.
  double blur = 0;
  Color color = Color::free;
  // Whether the picture is periodic, so that the dream tiles without a seam.
  bool wrap = false;

  friend bool operator==(const AscentSettings&, const AscentSettings&) = default;
};

// A displacement in pixels: positive x to the right, positive y down.
struct Offset {
  int x = 0;
  int y = 0;

  friend bool operator==(const Offset&, const Offset&) = default;
};

}  // namespace reverie
