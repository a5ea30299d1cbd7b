#include "reverie/recipe/keyframe.h"

#include <gtest/gtest.h>

#include <set>

#include "reverie/base/error.h"
#include "reverie/recipe/key_values.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {
namespace {

using Unit = KeyTime::Unit;

TEST(KeyTime, ReadsSecondsClocksAndBeats) {
  EXPECT_EQ(parse_key_time("1.5"), (KeyTime{1.5, Unit::seconds}));
  EXPECT_EQ(parse_key_time("1.5s"), (KeyTime{1.5, Unit::seconds}));
  EXPECT_EQ(parse_key_time(" 2 s "), (KeyTime{2, Unit::seconds}));
  EXPECT_EQ(parse_key_time("1:02.5"), (KeyTime{62.5, Unit::seconds}));
  EXPECT_EQ(parse_key_time("01:00:02.5"), (KeyTime{3602.5, Unit::seconds}));
  EXPECT_EQ(parse_key_time("90:00"), (KeyTime{5400, Unit::seconds}));
  EXPECT_EQ(parse_key_time("4 beats"), (KeyTime{4, Unit::beats}));
  EXPECT_EQ(parse_key_time("1 beat"), (KeyTime{1, Unit::beats}));
  EXPECT_EQ(parse_key_time("0.5beats"), (KeyTime{0.5, Unit::beats}));
  EXPECT_EQ(parse_key_time("1e-05s"), (KeyTime{1e-05, Unit::seconds}));
  for (const char* bad : {"", "s", "0:60", "-0:30", "beats", "-1", "-1 beats", "1:2:3:4", "1:60",
                          "0:61:00", ":30", "1:-2", "nan", "inf s", "1e9", "4 bars", "1.5.2"})
    EXPECT_THROW(parse_key_time(bad), BadRecipe) << bad;
}

TEST(KeyTime, ReadsBackWhatItWrites) {
  for (const KeyTime& time :
       {KeyTime{0.1, Unit::seconds}, {62.25, Unit::seconds}, {7, Unit::beats}})
    EXPECT_EQ(parse_key_time(to_string(time)), time);
  EXPECT_EQ(to_string(KeyTime{12}), "frame 12");
}

ZoomSettings read(const std::string& keyframes) {
  return zoom_from_json("{\"timeline\": " + keyframes + "}", "z.json");
}

std::string complaint(const std::string& keyframes) {
  try {
    validate(read(keyframes));
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

// Whatever a setting's description calls animatable goes into a keyframe and comes out again.
TEST(Keyframe, HoldsEveryAnimatableSetting) {
  int count = 0;
  key_values::describe_animatable([&](const auto& value, const Label& label, const auto& domain) {
    ++count;
    std::decay_t<decltype(value)> again{};
    ASSERT_TRUE(key_values::from_key(key_values::to_key(value, domain), again, domain))
        << label.name;
    EXPECT_EQ(again, value) << label.name;
  });
  EXPECT_GE(count, 35);
}

TEST(Keyframe, IsWrittenAsItIsRead) {
  const ZoomSettings zoom = read(
      R"([{"frame": 3, "octaves": 2, "step": 2.5, "color": "keep", "random_flip": true},
          {"time": 1.5, "easing": "linear", "layer": "a", "zoom": 4, "guide": ["x.jpg=0.5"]},
          {"time": "00:01:00", "match_tone": "none"}, {"time": "400 beats", "jitter": 0}])");
  const std::vector<Keyframe>& keys = zoom.timeline.keyframes;
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_EQ(keys[0].values.at("octaves"), KeyValue(2.0));
  EXPECT_EQ(keys[0].values.at("color"), KeyValue(std::string("keep")));
  EXPECT_EQ(keys[0].values.at("random-flip"), KeyValue(true));
  EXPECT_EQ(keys[1].layers(), (std::vector<LayerSpec>{{"a", {}, 1}}));
  EXPECT_EQ(keys[1].guides().at(0).weight, 0.5);
  EXPECT_EQ(keys[2].when, (KeyTime{60, Unit::seconds}));
  EXPECT_EQ(zoom_from_json(zoom_to_json(zoom), "again"), zoom);
}

TEST(Keyframe, SaysWhatCannotChange) {
  EXPECT_EQ(complaint(R"([{"frame": 1, "seed": 3}])"),
            "z.json: timeline: keyframe 1: seed is the same in all frames, so no keyframe can "
            "change it (docs/settings.md, Keyframes, lists what can)");
  EXPECT_EQ(complaint(R"([{"frame": 1, "octavs": 3}])"),
            "z.json: timeline: keyframe 1: no setting 'octavs'; the nearest is 'octaves'");
  EXPECT_EQ(complaint(R"([{"frame": 1, "octaves": 30}])"),
            "z.json: timeline: keyframe 1: octaves is 30, expected a whole number, 1 to 16");
  EXPECT_EQ(complaint(R"([{"frame": 1, "temporal_blend": 1}])"),
            "timeline: frame 1 has 'temporal-blend', which a zoom does not have or cannot change "
            "from frame to frame");
}

TEST(Keyframe, SaysWhatIsWrongWithItsTime) {
  EXPECT_EQ(complaint(R"([{"frame": 1, "time": 2}])"),
            "z.json: timeline: keyframe 1: \"frame\" and \"time\" are both given, expected one of "
            "them");
  EXPECT_EQ(complaint(R"([{"time": "soon"}])"),
            "z.json: timeline: keyframe 1: time is 'soon', expected seconds (1.5 or 00:01:02.5) or "
            "beats (\"4 beats\")");
  EXPECT_EQ(complaint(R"([{"time": 2}, {"time": 1}])"),
            "timeline: 1s after 2s, expected rising times");
  EXPECT_EQ(complaint(R"([{"time": "4 beats"}])"),
            "the beats of a zoom need a sound: name a file with --sound, or with --tempo use beats "
            "alone");
}

// A program may fill keyframes without any JSON.
TEST(Keyframe, IsCheckedHoweverItWasMade) {
  ZoomSettings zoom;
  zoom.timeline.keyframes.resize(1);
  const auto refused = [&](const char* name, const KeyValue& value) {
    zoom.timeline.keyframes[0].values = {{name, value}};
    EXPECT_THROW(validate(zoom), BadRecipe) << name;
  };
  refused("octaves", 99.0);
  refused("octaves", 2.5);
  refused("octaves", std::string("two"));
  refused("color", std::string("grey"));
  refused("frames", 3.0);
  refused("nothing", 3.0);
  zoom.timeline.keyframes[0].values = {{"octaves", 2.0}};
  validate(zoom);
}

TEST(Keyframe, DependsOnTimeOnlyWhereItIsAtOne) {
  EXPECT_FALSE(depends_on_time(read(R"([{"frame": 1, "step": 3}])").timeline));
  EXPECT_TRUE(depends_on_time(read(R"([{"frame": 1}, {"time": 3}])").timeline));
}

}  // namespace
}  // namespace reverie
