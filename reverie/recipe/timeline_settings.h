// timeline_settings.h: settings that change in the course of a video: keyframes, wandering and the
// camera.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/keyframe.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/sound_settings.h"

namespace REVERIE_API reverie {

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

struct TimelineSettings {
  // Factor of the step size in every frame.
  double strength = 1;
  // Switch to another layer every `wander` frames; 0: never.
  int wander = 0;
  // Length of the transition between two layers of a wandering dream, frames.
  int fade = 15;
  // The sound of the output.
  SoundSpec sound = {};
  // What the sound moves; of several for one setting the last counts.
  std::vector<BeatSpec> beats = {};
  // Beats a minute, for times of keyframes in beats, the first of them at 0 s; 0: they are found in
  // the sound.
  double tempo = 0;
  // In rising order of time.
  std::vector<Keyframe> keyframes;

  friend bool operator==(const TimelineSettings&, const TimelineSettings&) = default;
};

// Domains that only settings of videos have.
struct SoundText {};     // what parse_sound_spec() reads
struct BeatList {};      // strings that parse_beat_spec() reads
struct ZoomText {};      // what parse_zoom_step() reads
struct KeyframeList {};  // [{"frame" or "time": ..., ...}, ...]; on the command line a file

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class T, class Visitor>
void describe_timeline(T& t, Visitor& field) {
  field(t.strength,
        Label{.name = "strength",
              .help = "factor of the step size in every frame",
              .group = setting_group::timeline,
              .animatable = true},
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
  field(t.beats,
        Label{.name = "beat",
              .help = "setting that the sound moves, "
                      "SETTING=onsets|beats|bass|mid|treble:LOW..HIGH, such as "
                      "strength=onsets:0.5..2; repeatable (docs/music.md)",
              .group = setting_group::timeline,
              .animatable = true},
        BeatList{});
  field(t.tempo,
        Label{.name = "tempo",
              .help = "beats per minute, the first at 0 s, for --beat and for keyframes whose time "
                      "is in beats; 0: as found in the sound",
              .group = setting_group::timeline},
        Range<double>{0, 1000, Scale::linear, 1});
  field(t.keyframes,
        Label{.name = "timeline",
              .help = "JSON file with keyframes of any setting that can change from frame to frame "
                      "(docs/zoom.md)",
              .group = setting_group::timeline},
        KeyframeList{});
}

// Every guide of a video: the recipe's, then its keyframes'.
std::vector<GuideSpec> guides_of(const Recipe& recipe, const std::vector<Keyframe>& keyframes);
// Replaces them by `all`, in the same order.
void set_guides(const std::vector<GuideSpec>& all, Recipe& recipe,
                std::vector<Keyframe>& keyframes);

// Whether what a frame looks like depends on its time, and not on its number alone.
bool depends_on_time(const TimelineSettings& timeline);
// Whether it depends on a sound: that of `sound`'s file, or the source's own.
bool depends_on_sound(const TimelineSettings& timeline);

// Errors: BadRecipe naming the first keyframe that is out of order, as far as that can be known
// without the frame rate.
void validate(const TimelineSettings& timeline);

}  // namespace reverie
