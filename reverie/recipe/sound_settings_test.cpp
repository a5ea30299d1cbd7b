#include "reverie/recipe/sound_settings.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie {
namespace {

TEST(SoundSpec, IsAWordOrAFile) {
  EXPECT_EQ(parse_sound_spec("none"), (SoundSpec{SoundHandling::none}));
  EXPECT_EQ(parse_sound_spec("song.mp3").file, "song.mp3");
  EXPECT_EQ(parse_sound_spec("./none").file, "./none");
  EXPECT_THROW(parse_sound_spec(""), BadRecipe);
  for (const char* text : {"auto", "copy", "convert", "none", "a song.mp3", "./copy"})
    EXPECT_EQ(to_string(parse_sound_spec(text)), text);
  EXPECT_EQ(to_string(SoundSpec{SoundHandling::automatic, "copy"}), "./copy");
}

std::string complaint(const char* text) {
  try {
    parse_beat_spec(text);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(BeatSpec, ReadsBackWhatItWrites) {
  for (const char* text :
       {"strength=onsets:0.5..2", "zoom=bass:1.01x..1.04x@decay=0.5", "octaves=beats:2..4",
        "pan-x=treble:-3..3@attack=0.1@decay=1", "zoom=mid:-5..5", "step=onsets:2..0.5"})
    EXPECT_EQ(to_string(parse_beat_spec(text)), text);
  const BeatSpec spec = parse_beat_spec("centre_x=mid:.25...75@attack=0");
  EXPECT_EQ(spec.setting, "centre-x");
  EXPECT_EQ(spec.low, ".25");
  EXPECT_EQ(spec.attack, 0);
  EXPECT_EQ(spec.decay, 0.25);
}

TEST(BeatSpec, SaysWhatIsWrong) {
  const std::string end = ", expected SETTING=SOURCE:LOW..HIGH such as strength=onsets:0.5..2";
  EXPECT_EQ(complaint("strength"), "beat 'strength': there is no '='" + end);
  EXPECT_EQ(complaint("strength=onsets"), "beat 'strength=onsets': there is no ':'" + end);
  EXPECT_EQ(
      complaint("strength=drums:1..2"),
      "beat 'strength=drums:1..2': 'drums' is none of onsets, beats, bass, mid, treble" + end);
  EXPECT_EQ(complaint("strength=bass:1"),
            "beat 'strength=bass:1': there is no '..' between two values" + end);
  EXPECT_EQ(complaint("strenght=bass:1..2"),
            "beat 'strenght=bass:1..2': 'strenght' is no number that can change from frame to "
            "frame; the nearest is 'strength'" +
                end);
  EXPECT_EQ(
      complaint("octaves=bass:1..99"),
      "beat 'octaves=bass:1..99': octaves cannot be '99', which is a whole number, 1 to 16" + end);
  for (const char* bad :
       {"", "=", "color=bass:1..2", "seed=bass:1..2", "layer=bass:1..2", "zoom=bass:1.01x..fast",
        "zoom=bass:1x..9x", "strength=bass:..", "strength=bass:nan..1", "octaves=bass:1.5..3",
        "strength=bass:1..2@decay", "strength=bass:1..2@decay=-1", "strength=bass:1..2@hold=1",
        "strength=onsets:1..2@attack=1", "strength=bass:1..2@decay=inf"})
    EXPECT_NE(complaint(bad), "") << bad;
}

TEST(BeatSpec, IsAnOptionAndAKeyOfRecipesAndKeyframes) {
  ZoomSettings zoom;
  set_option(zoom, "sound", {"song.mp3"});
  set_option(zoom, "beat", {"strength=onsets:0.5..2", "zoom=bass:1x..1.05x"});
  EXPECT_EQ(zoom.timeline.beats.size(), 2u);
  zoom.timeline.keyframes.resize(1);
  zoom.timeline.keyframes[0].values["beat"] =
      std::vector<BeatSpec>{parse_beat_spec("step=mid:1..2")};
  EXPECT_EQ(zoom_from_json(zoom_to_json(zoom), "z"), zoom);
  set_option(zoom, "beat", {"none"});
  EXPECT_TRUE(zoom.timeline.beats.empty());
  const VideoSettings video =
      video_from_json(R"({"beat": "temporal_blend=mid:0..1", "sound": "copy"})", "v");
  EXPECT_EQ(video.timeline.beats.at(0).setting, "temporal-blend");
  EXPECT_EQ(video.timeline.sound.handling, SoundHandling::copy);
  try {
    set_option(zoom, "beat", {"strength=bass"});
    FAIL();
  } catch (const BadRecipe& error) {
    EXPECT_EQ(std::string(error.what()).rfind("--beat 'strength=bass'", 0), 0u) << error.what();
  }
}

TEST(BeatSpec, OfAZoomNeedsASound) {
  ZoomSettings zoom;
  set_option(zoom, "beat", {"strength=onsets:0.5..2"});
  EXPECT_TRUE(depends_on_sound(zoom.timeline));
  EXPECT_TRUE(depends_on_time(zoom.timeline));
  EXPECT_THROW(validate(zoom), BadRecipe);
  set_option(zoom, "sound", {"song.mp3"});
  validate(zoom);
  set_option(zoom, "sound", {"copy"});
  EXPECT_THROW(validate(zoom), BadRecipe);
  // Beats of a stated tempo need none
  set_option(zoom, "sound", {"none"});
  set_option(zoom, "beat", {"strength=beats:0.5..2"});
  EXPECT_THROW(validate(zoom), BadRecipe);
  set_option(zoom, "tempo", {"120"});
  validate(zoom);
  EXPECT_FALSE(depends_on_sound(zoom.timeline));
}

}  // namespace
}  // namespace reverie
