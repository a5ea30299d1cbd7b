// keyframe.h: what a timeline says about one moment of a zoom or a video.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/layer_spec.h"
#include "reverie/recipe/setting.h"
#include "reverie/recipe/sound_settings.h"

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

// When a keyframe is: at a frame, or at a time that begins with frame 0 of a zoom and with the
// first dreamed frame of a video.
struct KeyTime {
  enum class Unit { frames, seconds, beats };
  double value = 0;  // frames are whole
  Unit unit = Unit::frames;

  friend bool operator==(const KeyTime&, const KeyTime&) = default;
};

// Seconds of "2.5", "1:02.5" or "00:01:02.5", minutes and seconds below 60 but for the first
// number; nothing for another text.
std::optional<double> seconds_of(std::string_view text);

// From "1.5" or "1.5s", seconds; "1:02.5" or "00:01:02.5", minutes or hours in front; "4 beats".
// Errors: BadRecipe.
KeyTime parse_key_time(std::string_view text);
// "frame 3", "1.5s", "4 beats". parse_key_time(to_string(time)) == time, but for frames.
std::string to_string(const KeyTime& time);

// The value of a setting: a number (whole ones, too), a switch, a name, a zoom, layers, guides, or
// what a sound moves.
using KeyValue = std::variant<double, bool, std::string, ZoomStep, std::vector<LayerSpec>,
                              std::vector<GuideSpec>, std::vector<BeatSpec>>;

// The values of one keyframe, by the names of the settings, which are animatable. A missing value
// is interpolated between the neighbouring keyframes that have it; if none has it, the setting's
// value holds. Empty lists say nothing.
struct Keyframe {
  KeyTime when;
  Easing easing = Easing::smooth;  // towards the next keyframe
  std::map<std::string, KeyValue, std::less<>> values;

  // Its layers and its guides, which replace the recipe's; empty for none.
  const std::vector<LayerSpec>& layers() const;
  const std::vector<GuideSpec>& guides() const;

  friend bool operator==(const Keyframe&, const Keyframe&) = default;
};

}  // namespace reverie
