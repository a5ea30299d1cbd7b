// video_settings.h: everything that dreaming a video has besides the recipe of its dreams,
// described in one place as the recipe is.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

// How the motion between two frames is found.
enum class MotionSearch { none, fast, medium };

inline constexpr std::array<std::pair<const char*, MotionSearch>, 3> motion_search_names{
    {{"none", MotionSearch::none}, {"fast", MotionSearch::fast}, {"medium", MotionSearch::medium}}};

struct VideoSettings {
  double start = 0, end = 0;  // s
  int every = 1;
  double carry = 0.9;
  int carried_iterations = 2;
  MotionSearch flow = MotionSearch::medium;
  double cut = 0.6;
  double strength = 1;
  int wander = 0;
  int fade = 15;
  std::vector<Keyframe> timeline;

  friend bool operator==(const VideoSettings&, const VideoSettings&) = default;
};

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class V, class Visitor>
void describe_video(V& v, Visitor&& field) {
  field(v.start, Label{"start", 0, "where in the film to begin", "seconds"}, Range<double>{0, 1e6});
  field(v.end, Label{"end", 0, "where to stop; 0: at its end", "seconds"}, Range<double>{0, 1e6});
  field(v.every,
        Label{"every", 0,
              "dream only every Nth frame; those between carry its dream along with the motion",
              "frames"},
        Range<int>{1, 1000000});
  field(v.carry,
        Label{"carry", 0,
              "share of the last frame's dreamed detail that goes on in the next, moved along; 0: "
              "dream each frame alone",
              ""},
        Range<double>{0, 1});
  field(v.carried_iterations,
        Label{"carried-iterations", 0,
              "steps at each level of a frame that goes on with the last one's dream; the first of "
              "a scene has --iterations",
              ""},
        Range<int>{0, 10000});
  field(v.flow,
        Label{"flow", 0, "how the motion between frames is found; none: as if nothing moved", ""},
        Choice<MotionSearch>{motion_search_names});
  field(v.cut,
        Label{"cut", 0,
              "share of a frame that nothing in the last one explains from which on a new scene "
              "begins, dreamed afresh; 1: never",
              ""},
        Range<double>{0, 1});
  field(v.strength, Label{"strength", 0, "multiplies the steps of every frame's dream", ""},
        Range<double>{0, 100});
  field(v.wander,
        Label{"wander", 0,
              "dream of another layer every N frames, from those of --layer when there are "
              "several, else from all good ones of the network; 0: stay",
              "frames"},
        Range<int>{0, 1000000});
  field(v.fade,
        Label{"fade", 0, "how long one layer fades into the next when the dream wanders", "frames"},
        Range<int>{0, 1000000});
  field(v.timeline,
        Label{"timeline", 0,
              "JSON file with keyframes for strength, layer and guide: see docs/video.md", ""},
        KeyframeList{});
}

// What a zoom's timeline has of it, for a video of any length that stands still.
ZoomSettings timeline_of(const VideoSettings& settings);

// Errors: BadRecipe naming the first setting that is out of its range or contradicts another.
void validate(const VideoSettings& settings);

// How videos are dreamed unless it is told otherwise.
Recipe video_recipe();

}  // namespace reverie
