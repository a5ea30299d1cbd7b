// zoom_settings.h: everything that an endless zoom has besides the recipe of its dreams, described
// in one place as the recipe is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// How a value goes from one keyframe to the next.
enum class Easing { linear, smooth, slow_start, slow_end, step };

inline constexpr std::array<std::pair<const char*, Easing>, 5> easing_names{
    {{"linear", Easing::linear},
     {"smooth", Easing::smooth},
     {"slow-start", Easing::slow_start},
     {"slow-end", Easing::slow_end},
     {"step", Easing::step}}};

// The share of the way that is done when `part`, 0..1, of the time is over.
double eased(Easing easing, double part);

// What a timeline says about one frame. What it leaves out goes on from the keyframes around it
// that do say it, or else is as the settings have it.
struct Keyframe {
  int frame = 0;
  Easing easing = Easing::smooth;  // towards the next keyframe
  std::optional<std::string> zoom;
  std::optional<double> rotate, pan_x, pan_y, centre_x, centre_y, strength;
  std::vector<LayerSpec> layers;
  std::vector<GuideSpec> guides;  // instead of the recipe's

  friend bool operator==(const Keyframe&, const Keyframe&) = default;
};

struct ZoomSettings {
  int frames = 300;
  double fps = 30;
  std::string zoom = "1.012x";
  double rotate = 0;
  double pan_x = 0, pan_y = 0;
  double centre_x = 0.5, centre_y = 0.5;
  double strength = 1;
  int wander = 0;
  int fade = 15;
  int loop = 0;
  std::vector<Keyframe> timeline;

  friend bool operator==(const ZoomSettings&, const ZoomSettings&) = default;
};

// Domains that only a zoom has.
struct ZoomText {};      // what zoom_factor() reads
struct KeyframeList {};  // [{"frame": ..., ...}, ...]; on the command line a file that holds it

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class Z, class Visitor>
void describe_zoom(Z& z, Visitor&& field) {
  field(z.frames, Label{"frames", 0, "how many the film has; the first is the picture itself", ""},
        Range<int>{1, 1000000});
  field(z.fps, Label{"fps", 0, "frames a second", ""}, Range<double>{0.01, 1000});
  field(
      z.zoom,
      Label{"zoom", 0,
            "how much nearer each frame is: pixels that go out of sight at both ends of the longer "
            "side (5), or a factor (1.02x); below 1x the picture recedes",
            ""},
      ZoomText{});
  field(z.rotate, Label{"rotate", 0, "how far each frame turns, clockwise", "degrees"},
        Range<double>{-180, 180});
  field(z.pan_x, Label{"pan-x", 0, "how far the view moves right with each frame", "px"},
        Range<double>{-1000, 1000});
  field(z.pan_y, Label{"pan-y", 0, "how far the view moves down with each frame", "px"},
        Range<double>{-1000, 1000});
  field(z.centre_x, Label{"centre-x", 0, "what the zoom goes towards, as a share of the width", ""},
        Range<double>{0, 1});
  field(z.centre_y,
        Label{"centre-y", 0, "what the zoom goes towards, as a share of the height", ""},
        Range<double>{0, 1});
  field(z.strength, Label{"strength", 0, "multiplies the steps of every frame's dream", ""},
        Range<double>{0, 100});
  field(
      z.wander,
      Label{"wander", 0,
            "dream of another layer every N frames, from those of --layer when there are several, "
            "else from all good ones of the network; 0: stay",
            "frames"},
      Range<int>{0, 1000000});
  field(z.fade,
        Label{"fade", 0, "how long one layer fades into the next when the zoom wanders", "frames"},
        Range<int>{0, 1000000});
  field(
      z.loop,
      Label{"loop", 0,
            "let the end fade into the beginning over N frames, so that the film can go round; 0: "
            "do not",
            "frames"},
      Range<int>{0, 1000000});
  field(
      z.timeline,
      Label{
          "timeline", 0,
          "JSON file with keyframes for zoom, rotate, pan, centre, strength, layer and guide: see "
          "docs/zoom.md",
          ""},
      KeyframeList{});
}

// The same for one keyframe; values are std::optional where they may be left out.
template <class K, class Visitor>
void describe_keyframe(K& k, Visitor&& field) {
  field(k.frame, Label{"frame", 0, "", ""}, Range<int>{0, 1000000});
  field(k.easing, Label{"easing", 0, "", ""}, Choice<Easing>{easing_names});
  field(k.zoom, Label{"zoom", 0, "", ""}, ZoomText{});
  field(k.rotate, Label{"rotate", 0, "", ""}, Range<double>{-180, 180});
  field(k.pan_x, Label{"pan-x", 0, "", ""}, Range<double>{-1000, 1000});
  field(k.pan_y, Label{"pan-y", 0, "", ""}, Range<double>{-1000, 1000});
  field(k.centre_x, Label{"centre-x", 0, "", ""}, Range<double>{0, 1});
  field(k.centre_y, Label{"centre-y", 0, "", ""}, Range<double>{0, 1});
  field(k.strength, Label{"strength", 0, "", ""}, Range<double>{0, 100});
  field(k.layers, Label{"layer", 0, "", ""}, LayerList{});
  field(k.guides, Label{"guide", 0, "", ""}, GuideList{});
}

// The factor that "5" (px per end of the longer side, of `longer_px`) or "1.02x" means. Errors:
// BadRecipe when it is neither, or not from 0.5 to 2.
double zoom_factor(const std::string& text, double longer_px);

// Every guide of a video: the recipe's, then its keyframes'.
std::vector<GuideSpec> guides_of(const Recipe& recipe, const std::vector<Keyframe>& timeline);
// Puts as many, in that order, in their place.
void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe, std::vector<Keyframe>& timeline);

// Errors: BadRecipe naming the first setting that is out of its range or contradicts another.
void validate(const ZoomSettings& settings);

// How a zoom dreams unless it is told otherwise: lightly, for every frame builds on the last.
Recipe zoom_recipe();

}  // namespace reverie
