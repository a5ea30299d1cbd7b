// feature.h: feature visualisation: the picture that activates one channel of a layer most.
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

// The random transformation of one step: shifted on grey ground, then
// augmented.
struct Transform {
  Offset offset;  // of its upper left corner from the canvas's, px, 0 to transform_padding
  Augmentation augmentation;
};

// How many px the canvas is wider and higher than the picture on it.
inline constexpr int transform_padding = 12;

// Overwrites `canvas` [C, H + transform_padding, W + transform_padding] with `picture` [C,H,W]
// transformed, on a ground of 127.5. `scratch` is as large as the canvas.
void transform_picture(ConstView picture, const Transform& transform, View scratch, View canvas);

// The transpose: maps a gradient at the canvas back to the picture.
void transform_picture_transpose(ConstView canvas_grad, const Transform& transform, View scratch,
                                 View picture_grad);

// The random transformation of one step: two shifts of up to 8 and 4 px, a scale of 0.9 to 1.1, a
// rotation of up to 10 degrees. Source: Lucid, optvis/transform.py, standard_transforms; there the
// picture is resampled for each, and the canvas grows and shrinks with the scale.
Transform draw_transform(std::uint64_t seed, int channel, int iteration);

// Ascends channels one after the other. One caller at a time; the network must outlive it.
class FeatureAscent {
 public:
  FeatureAscent(FeatureNetwork& network, const AtlasSettings& settings);

  // The feature of a channel, [3,side,side] of 0..255; empty when cancelled. It depends on the
  // settings and the channel alone. Ascends the mean over all positions by Adam, step size 0.05.
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
