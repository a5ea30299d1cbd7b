// feature.h: feature visualisation: the picture that one channel of a layer answers to most.
#pragma once

#include <memory>

#include "reverie/ascent/augmentation.h"
#include "reverie/ascent/fourier_picture.h"
#include "reverie/ascent/roll.h"
#include "reverie/atlas/feature_network.h"
#include "reverie/base/cancel.h"
#include "reverie/base/random.h"
#include "reverie/recipe/atlas_settings.h"

namespace reverie {

// How a picture lies before the network at one step: on grey ground, aside, then as `augmentation`
// says.
struct Transform {
  Offset offset;  // of its upper left corner from the canvas's, px, 0 to transform_padding
  Augmentation augmentation;
};

// How many px a canvas is wider and higher than the picture that lies on it.
inline constexpr int transform_padding = 12;

// Overwrites `canvas` [C, H + transform_padding, W + transform_padding] with `picture` [C,H,W] in
// this pose, where the ground is 127.5. `scratch` is as large as the canvas.
void transform_picture(ConstView picture, const Transform& transform, View scratch, View canvas);

// The transpose: brings a gradient at the canvas back to the picture.
void transform_picture_transpose(ConstView canvas_grad, const Transform& transform, View scratch,
                                 View picture_grad);

// The random pose of one step: two shifts of up to 8 and 4 px, a scale of 0.9 to 1.1, a turn of up
// to 10 degrees. Source: Lucid, optvis/transform.py, standard_transforms; there each is resampled
// by itself, and the canvas is as large as the scale makes it.
Transform draw_transform(std::uint64_t seed, int channel, int iteration);

// Climbs channels one after the other. One caller at a time; the network must outlive it.
class FeatureAscent {
 public:
  FeatureAscent(FeatureNetwork& network, const AtlasSettings& settings);

  // The feature of a channel, [3,side,side] of 0..255; empty when cancelled. It depends on the
  // settings and the channel alone. Climbs the mean over all positions by Adam, 0.05 a step.
  // Errors: NonFinite.
  Tensor ascend(int channel, const CancelToken* cancel = nullptr);

 private:
  double grad_at(Plan& plan, int channel, const Transform& transform);
  Plan& leaky_plan();

  FeatureNetwork& network_;
  AtlasSettings settings_;
  FourierPicture fourier_;
  std::unique_ptr<Plan> plan_, leaky_;
  Tensor picture_, picture_grad_, spectrum_grad_;
  Tensor canvas_, canvas_grad_, scratch_;
};

}  // namespace reverie
