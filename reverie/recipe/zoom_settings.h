// zoom_settings.h: the settings of an endless zoom besides its recipe, described in one place like
// the recipe.
#pragma once

#include "reverie/base/api.h"
#include "reverie/recipe/timeline_settings.h"

namespace REVERIE_API reverie {

// How the end of a loop becomes its beginning.
enum class LoopStyle { dream, dissolve };

inline constexpr Named<LoopStyle> loop_style_names[] = {
    {"dream", LoopStyle::dream,
     "the last frames turn into the first while they are dreamed, from large shapes to small ones"},
    {"dissolve", LoopStyle::dissolve, "frames past the end are cross-faded into the first ones"}};

inline constexpr int default_zoom_frames = 300;

struct ZoomSettings {
  // Length of the video; frame 0 is the picture itself. 0: as long as the sound's file, or
  // default_zoom_frames without one.
  int frames = 0;
  // Frames a second.
  double fps = 30;
  // Length of the transition from the end back to the beginning, frames; 0: the video does not
  // loop.
  int loop = 0;
  LoopStyle loop_style = LoopStyle::dream;
  // Played forwards and then backwards, so that it loops; the end frames are not repeated.
  bool palindrome = false;
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
              .help = "number of frames; the first is the picture itself; 0: as long as --sound, "
                      "or 300 without one",
              .group = setting_group::film},
        Range<int>{0, 1000000, Scale::logarithmic});
  field(z.fps, Label{.name = "fps", .help = "frames per second", .group = setting_group::film},
        Range<double>{0.01, 1000, Scale::logarithmic});
  field(z.loop,
        Label{.name = "loop",
              .help = "turn the end into the beginning over N frames, so that the video loops; 0: "
                      "no loop",
              .unit = "frames",
              .group = setting_group::film},
        Range<int>{0, 1000000, Scale::logarithmic});
  field(z.loop_style,
        Label{.name = "loop-style",
              .help = "how the end of a loop becomes its beginning",
              .group = setting_group::film,
              .needs = {"loop", Needs::Relation::is_not, "0"}},
        Choice<LoopStyle>{loop_style_names});
  field(z.palindrome,
        Label{.name = "palindrome",
              .help = "play the frames forwards and then backwards, so that the video loops",
              .group = setting_group::film},
        Flag{});
  field(z.timeline.sound,
        Label{.name = "sound",
              .help = "file whose sound the video has, an audio file or a video; auto, none: no "
                      "sound",
              .group = setting_group::film},
        SoundText{});
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

// The number of frames to dream: those past the end, too, that a loop dissolves.
int frames_to_dream(const ZoomSettings& settings);
// The number of frames on which the video's end has no influence.
int plain_frames(const ZoomSettings& settings);
// The number of frames that the video shows: in a palindrome most of them twice.
int frames_to_show(const ZoomSettings& settings);

// Errors: BadRecipe naming the first setting that is out of its range or contradicts another.
void validate(const ZoomSettings& settings);

// The default recipe of a zoom's frames: few steps, because every frame builds on the one before.
Recipe zoom_recipe();

}  // namespace reverie
