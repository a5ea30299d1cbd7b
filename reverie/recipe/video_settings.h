// video_settings.h: the settings of a dreamed video besides its recipe, described in one place like
// the recipe.
#pragma once

#include <array>
#include <string>

#include "reverie/base/api.h"
#include "reverie/codec/kinds.h"
#include "reverie/recipe/timeline_settings.h"

namespace REVERIE_API reverie {

// How the motion between two frames is found.
enum class MotionSearch { none, fast, medium };

inline constexpr Named<MotionSearch> motion_search_names[] = {
    {"none", MotionSearch::none, "assume that nothing moves"},
    {"fast", MotionSearch::fast, "DIS optical flow, fast"},
    {"medium", MotionSearch::medium, "DIS optical flow, more accurate"}};

inline constexpr Named<Deinterlacing> deinterlacing_names[] = {
    {"auto", Deinterlacing::automatic,
     "where the video is interlaced; telecined films get their own frames back"},
    {"no", Deinterlacing::no, "frames as they are"},
    {"yes", Deinterlacing::yes, "every frame"}};

struct VideoSettings {
  // First and last second that is dreamed; end 0: to the end of the video.
  double start = 0, end = 0;
  Deinterlacing deinterlace = Deinterlacing::automatic;
  // What is seen through transparent parts where the output's format holds no transparency; as
  // parse_color() reads it.
  std::string background = "black";
  // Frames a second of pictures in files of their own; 0: 30. Other videos have their own rate.
  double fps = 0;
  // Only every Nth frame is dreamed; its dream moves along with the frames between.
  int every = 1;
  // Weight of the last frame's dreamed detail in the next frame, moved along with the motion; 0:
  // every frame is dreamed alone.
  double temporal_blend = 0.9;
  // Steps at each octave of a frame that continues the last one's dream; the first frame of a scene
  // has the recipe's iterations.
  int carried_iterations = 2;
  MotionSearch flow = MotionSearch::medium;
  // A new scene begins when motion leaves more than this fraction of a frame unexplained; 1: never.
  double scene_threshold = 0.6;
  // Its keyframes have no camera, which is a zoom's.
  TimelineSettings timeline;

  friend bool operator==(const VideoSettings&, const VideoSettings&) = default;
};

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class V, class Visitor>
void describe_video(V& v, Visitor&& field) {
  field(v.start,
        Label{.name = "start",
              .help = "time of the first frame to dream; also as 1:02.5 or 00:01:02.5",
              .unit = "seconds",
              .group = setting_group::film},
        Range<double>{0, 1e6});
  field(v.end,
        Label{.name = "end",
              .help = "time at which to stop; 0: the end of the video",
              .unit = "seconds",
              .group = setting_group::film},
        Range<double>{0, 1e6});
  field(v.timeline.sound,
        Label{.name = "sound",
              .help = "sound of the output: of the source (auto: copied where the output's format "
                      "can hold it, else converted to AAC, in .webm to Opus; copy: copied or left "
                      "out; convert: always converted; none: left out), or of a file",
              .group = setting_group::film},
        SoundText{});
  field(v.deinterlace,
        Label{.name = "deinterlace",
              .help = "make interlaced frames progressive before they are dreamed",
              .group = setting_group::film},
        Choice<Deinterlacing>{deinterlacing_names});
  field(v.background,
        Label{.name = "background",
              .help = "colour behind transparent parts, where the output's format holds no "
                      "transparency: black, white, grey or #RRGGBB",
              .group = setting_group::film},
        Text{"COLOR", false});
  field(v.fps,
        Label{.name = "fps",
              .help = "frames per second of numbered pictures; 0: 30",
              .group = setting_group::film},
        Range<double>{0, 1000});
  field(v.every,
        Label{.name = "every",
              .help = "dream every Nth frame only; the dream moves along with the frames between",
              .unit = "frames",
              .group = setting_group::film},
        Range<int>{1, 1000000, Scale::logarithmic});
  field(v.temporal_blend,
        Label{.name = "temporal-blend",
              .help = "weight of the last frame's dreamed detail in the next frame, moved along "
                      "with the motion; 0: dream every frame alone",
              .group = setting_group::coherence,
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.05});
  field(v.carried_iterations,
        Label{.name = "carried-iterations",
              .help = "steps at each octave of a frame that continues the last one's dream; the "
                      "first frame of a scene has --iterations",
              .group = setting_group::coherence,
              .animatable = true},
        Range<int>{0, 10000, Scale::logarithmic});
  field(v.flow,
        Label{.name = "flow",
              .help = "motion estimation between frames",
              .group = setting_group::coherence},
        Choice<MotionSearch>{motion_search_names});
  field(v.scene_threshold,
        Label{.name = "scene-threshold",
              .help = "begin a new scene, dreamed afresh, when motion leaves more than this "
                      "fraction of a frame unexplained; 1: never",
              .group = setting_group::coherence,
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.05});
  describe_timeline(v.timeline, field);
}

// Red, green and blue, 0..255, from "black", "white", "grey" or "#RRGGBB". Errors: BadRecipe.
std::array<int, 3> parse_color(const std::string& text);

// Errors: BadRecipe naming the first setting that is out of its range or contradicts another.
void validate(const VideoSettings& settings);

// The recipe of a video's frames by default.
Recipe video_recipe();

}  // namespace reverie
