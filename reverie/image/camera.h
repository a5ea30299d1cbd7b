// camera.h: a picture after a camera move: zoom, rotation, pan.
#pragma once

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// From one frame of a video to the next.
struct CameraMove {
  double zoom = 1;                        // above 1: zooms in
  double turn = 0;                        // degrees, the picture rotates clockwise
  double pan_x = 0, pan_y = 0;            // px in the new frame; the camera moves right and down
  double centre_x = 0.5, centre_y = 0.5;  // the fixed point, as fractions of width and height
};

// Overwrites `to` with `from` after the move: each pixel is sampled once, with a Catmull-Rom cubic
// over 4 x 4 samples; beyond its edges the picture is mirrored, so no border comes into view.
// Values may overshoot at hard edges. Both [C,H,W] of equal shape; they must not overlap. The same
// bits at any thread count. Made for small moves: a zoom far below 1 is not antialiased.
// Errors: BadShape.
void move_camera(ConstView from, const CameraMove& move, View to);

}  // namespace reverie
