// timeline_settings.h: settings that change in the course of a video: keyframes, wandering and the
// camera.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// How a value goes from one keyframe to the next.
enum class Easing { linear, smooth, slow_start, slow_end, step };

inline constexpr Named<Easing> easing_names[] = {
    {"linear", Easing::linear, "at constant speed"},
    {"smooth", Easing::smooth, "slow at both ends"},
    {"slow-start", Easing::slow_start, "slow at the beginning"},
    {"slow-end", Easing::slow_end, "slow at the end"},
    {"step", Easing::step, "all at once at the next keyframe"}};

// The fraction of the change that is done after the fraction `part`, 0..1, of the time.
double eased(Easing easing, double part);

// The zoom from one frame to the next.
struct ZoomStep {
  enum class Unit {
    factor,  // `value` times as large
    px       // `value` px are cropped at both ends of the longer side
  };
  double value = 1;
  Unit unit = Unit::factor;

  friend bool operator==(const ZoomStep&, const ZoomStep&) = default;
};

// From "5" or "5px", pixels, or "1.02x", a factor. Errors: BadRecipe.
ZoomStep parse_zoom_step(std::string_view text);
// parse_zoom_step(to_string(step)) == step.
std::string to_string(const ZoomStep& step);

// The factor of a picture whose longer side is `longer_px`. Errors: BadRecipe when it is not from
// 0.5 to 2.
double zoom_factor(const ZoomStep& step, double longer_px);

// The camera's motion with each frame.
struct CameraSettings {
  ZoomStep zoom;
  double rotate = 0;                      // degrees, clockwise
  double pan_x = 0, pan_y = 0;            // px, to the right and down
  double centre_x = 0.5, centre_y = 0.5;  // centre of the zoom, 0..1 of width and height

  friend bool operator==(const CameraSettings&, const CameraSettings&) = default;
};

// The values of one keyframe. A missing value is interpolated between the neighbouring keyframes
// that have it; if none has it, the setting's value holds.
struct Keyframe {
  int frame = 0;
  Easing easing = Easing::smooth;  // towards the next keyframe
  std::optional<ZoomStep> zoom;
  std::optional<double> rotate, pan_x, pan_y, centre_x, centre_y, strength;  // see the settings
  std::vector<LayerSpec> layers;  // replace the recipe's; empty: the recipe's
  std::vector<GuideSpec> guides;  // likewise

  friend bool operator==(const Keyframe&, const Keyframe&) = default;
};

struct TimelineSettings {
  // Factor of the step size in every frame.
  double strength = 1;
  // Switch to another layer every `wander` frames; 0: never.
  int wander = 0;
  // Length of the transition between two layers of a wandering dream, frames.
  int fade = 15;
  // In rising order of frames.
  std::vector<Keyframe> keyframes;

  friend bool operator==(const TimelineSettings&, const TimelineSettings&) = default;
};

// Domains that only settings of videos have.
struct ZoomText {};      // what parse_zoom_step() reads
struct KeyframeList {};  // [{"frame": ..., ...}, ...]; on the command line a file that holds it

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does. `keyframe_help` is
// the help text of the keyframes, which differ between zooms and videos.
template <class T, class Visitor>
void describe_timeline(T& t, Visitor& field, const char* keyframe_help) {
  field(t.strength,
        Label{.name = "strength",
              .help = "factor of the step size in every frame",
              .group = setting_group::timeline},
        Range<double>{0, 100, Scale::logarithmic});
  field(t.wander,
        Label{.name = "wander",
              .help = "switch to another layer every N frames: among those of --layer if there are "
                      "several, else among the network's looks; no effect with a single --layer or "
                      "a timeline that names layers; 0: never",
              .unit = "frames",
              .group = setting_group::timeline},
        Range<int>{0, 1000000, Scale::logarithmic});
  field(t.fade,
        Label{.name = "fade",
              .help = "length of the transition between two layers of --wander",
              .unit = "frames",
              .group = setting_group::timeline,
              .needs = {"wander", Needs::Relation::is_not, "0"}},
        Range<int>{0, 1000000, Scale::logarithmic});
  field(t.keyframes,
        Label{.name = "timeline", .help = keyframe_help, .group = setting_group::timeline},
        KeyframeList{});
}

// The same for one keyframe; optional values are std::optional.
template <class K, class Visitor>
void describe_keyframe(K& k, Visitor&& field) {
  field(k.frame, Label{.name = "frame"}, Range<int>{0, 1000000});
  field(k.easing, Label{.name = "easing"}, Choice<Easing>{easing_names});
  field(k.zoom, Label{.name = "zoom"}, ZoomText{});
  field(k.rotate, Label{.name = "rotate"}, Range<double>{-180, 180});
  field(k.pan_x, Label{.name = "pan-x"}, Range<double>{-1000, 1000});
  field(k.pan_y, Label{.name = "pan-y"}, Range<double>{-1000, 1000});
  field(k.centre_x, Label{.name = "centre-x"}, Range<double>{0, 1});
  field(k.centre_y, Label{.name = "centre-y"}, Range<double>{0, 1});
  field(k.strength, Label{.name = "strength"}, Range<double>{0, 100});
  field(k.layers, Label{.name = "layer"}, LayerList{});
  field(k.guides, Label{.name = "guide"}, GuideList{});
}

// Every guide of a video: the recipe's, then its keyframes'.
std::vector<GuideSpec> guides_of(const Recipe& recipe, const std::vector<Keyframe>& keyframes);
// Replaces them by `all`, in the same order.
void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe,
                std::vector<Keyframe>& keyframes);

// Errors: BadRecipe naming the first keyframe that is out of order, or that names layers although
// the dream wanders.
void validate(const TimelineSettings& timeline);

}  // namespace reverie
