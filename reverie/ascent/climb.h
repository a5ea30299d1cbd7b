// climb.h: steps of gradient ascent on one canvas, at one size.
#pragma once

#include <array>
#include <functional>

#include "reverie/ascent/mover.h"
#include "reverie/ascent/normalise.h"
#include "reverie/ascent/roll.h"
#include "reverie/ascent/smooth.h"
#include "reverie/ascent/sway.h"
#include "reverie/base/cancel.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

// Returns an objective's value at a canvas and overwrites the slope with its gradient: see
// Gradient::run.
using Slope = std::function<double(ConstView canvas, View slope)>;

struct AscentOptions {
  int iterations = 10;
  // How far one iteration goes, display units: the mean pixel's way, or with another normalisation
  // than `mean` the deviation of all ways.
  double step = 1.5;
  // Keep the canvas within 0..255 after each iteration.
  bool clip = true;
  Normalisation normalise = Normalisation::mean;
  Smoothing smooth = Smoothing::none;
  // Added to what the slope is divided by, objective per display unit.
  double epsilon = 0;
  // Climb in a space whose unit along R, G and B is this many times the display's, up to a common
  // factor, as programs do that scale each colour for their network.
  std::array<float, 3> gain{1, 1, 1};
  // Move red, green and blue of a pixel alike: light changes, colour stays.
  bool grey = false;
  // [1,H,W], borrowed: the canvas stays where this is 0. Empty: it moves everywhere. A step is as
  // long as it would be without.
  ConstView where = {};
  Optimiser optimiser = Optimiser::plain;
  double memory = 0.9;  // of the optimiser: see Mover
  // What is climbed less: see regularise.h; 1 is as strong as a mean slope of the objective.
  double total_variation = 0, source_distance = 0;
  ConstView source = {};  // [3,H,W], borrowed; needed for source_distance
  double blur = 0;        // px: sigma of a Gaussian that softens the canvas after each step
  bool around = false;    // the canvas goes on at the opposite edge
};

struct Step {
  int iteration;      // 0-based
  double objective;   // before the step
  double mean_slope;  // mean |gradient| over all channels and pixels, objective per display unit
};

struct ClimbHooks {
  // Before each iteration the canvas is rolled by this, so that what the network sees at fixed
  // places (tile seams, strides) falls elsewhere each time; the step is rolled back. Required.
  std::function<Offset(int iteration)> offset;
  // Brings the canvas back to where it may be, after each step. May be empty.
  std::function<void(View canvas)> settle = {};
  // Sees each step and the settled canvas. May be empty.
  std::function<void(const Step&, ConstView canvas)> after_step = {};
  const CancelToken* cancel = nullptr;
  // How the rolled canvas is held before the network; the slope is brought back. May be empty.
  std::function<Sway(int iteration)> sway = {};
};

// Climbs in place. Returns the iterations done: fewer than asked when cancelled.
//
// canvas: [3,H,W] float32 RGB, display units; the step is +step / size(g) * g, where g is the
// slope, smoothed, and its size what normalise() says. `growing` smoothing and `bands` see the
// slope as the canvas lies, `cascade` as it was rolled; on a canvas that goes on `around`, all do.
// Errors: NonFinite when the slope has infinities or not-a-numbers; the canvas is as after the last
// whole step. Source: google/deepdream, dream.ipynb, make_step.
int climb(View canvas, const Slope& slope_of, const AscentOptions& options,
          const ClimbHooks& hooks);

}  // namespace reverie
