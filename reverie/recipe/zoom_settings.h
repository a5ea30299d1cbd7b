// zoom_settings.h: the settings of an endless zoom besides its recipe, described in one place like
// the recipe.
#pragma once

#include "reverie/base/api.h"
#include "reverie/recipe/timeline_settings.h"

namespace REVERIE_API reverie {

struct ZoomSettings {
  // Length of the video; frame 0 is the picture itself.
  int frames = 300;
  // Frames a second.
  double fps = 30;
  // Length of the transition from the end back to the beginning, frames; 0: the video does not
  // loop.
  int loop = 0;
  CameraSettings camera{.zoom = {1.012, ZoomStep::Unit::factor}};
  // Wandering: a zoom that stays at one layer repeats itself after some hundred frames
  TimelineSettings timeline{.wander = 75, .fade = 40, .keyframes = {}};

  friend bool operator==(const ZoomSettings&, const ZoomSettings&) = default;
};

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class Z, class Visitor>
void describe_zoom(Z& z, Visitor&& field) {
  field(z.frames,
        Label{.name = "frames",
              .help = "number of frames; the first is the picture itself",
              .group = setting_group::film},
        Range<int>{1, 1000000, Scale::logarithmic});
  field(z.fps, Label{.name = "fps", .help = "frames per second", .group = setting_group::film},
        Range<double>{0.01, 1000, Scale::logarithmic});
  field(z.loop,
        Label{.name = "loop",
              .help = "cross-fade the end into the beginning over N frames, so that the video "
                      "loops; 0: no loop",
              .unit = "frames",
              .group = setting_group::film},
        Range<int>{0, 1000000, Scale::logarithmic});
  field(z.camera.zoom,
        Label{.name = "zoom",
              .help = "zoom per frame: pixels cropped at both ends of the longer side (5), or a "
                      "factor (1.02x); below 1x the camera moves away",
              .group = setting_group::camera,
              .animatable = true},
        ZoomText{});
  field(z.camera.rotate,
        Label{.name = "rotate",
              .help = "clockwise rotation per frame",
              .unit = "degrees",
              .group = setting_group::camera,
              .animatable = true},
        Range<double>{-180, 180, Scale::linear, 0.1});
  field(z.camera.pan_x,
        Label{.name = "pan-x",
              .help = "motion of the camera to the right per frame",
              .unit = "px",
              .group = setting_group::camera,
              .animatable = true},
        Range<double>{-1000, 1000, Scale::linear, 0.5});
  field(z.camera.pan_y,
        Label{.name = "pan-y",
              .help = "downward motion of the camera per frame",
              .unit = "px",
              .group = setting_group::camera,
              .animatable = true},
        Range<double>{-1000, 1000, Scale::linear, 0.5});
  field(z.camera.centre_x,
        Label{.name = "centre-x",
              .help = "centre of the zoom, as a fraction of the width",
              .group = setting_group::camera,
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.01});
  field(z.camera.centre_y,
        Label{.name = "centre-y",
              .help = "centre of the zoom, as a fraction of the height",
              .group = setting_group::camera,
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.01});
  describe_timeline(z.timeline, field);
}

// Errors: BadRecipe naming the first setting that is out of its range or contradicts another.
void validate(const ZoomSettings& settings);

// The default recipe of a zoom's frames: few steps, because every frame builds on the one before.
Recipe zoom_recipe();

}  // namespace reverie
