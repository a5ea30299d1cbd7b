// sound_settings.h: the sound of a zoom or a video, and what it moves.
#pragma once

#include <string>
#include <string_view>

#include "reverie/base/api.h"
#include "reverie/codec/kinds.h"
#include "reverie/recipe/setting.h"

namespace REVERIE_API reverie {

inline constexpr Named<SoundHandling> sound_handling_names[] = {
    {"auto", SoundHandling::automatic,
     "copied unchanged where the output's format can hold it, else converted (AAC, in .webm Opus)"},
    {"copy", SoundHandling::copy, "copied unchanged where the format can hold it, else left out"},
    {"convert", SoundHandling::convert, "converted in any case"},
    {"none", SoundHandling::none, "left out"}};

// Which sound is in the output: the source's own, handled in some way, or that of a file, which
// begins with the first frame and is copied or converted as SoundHandling::automatic says.
struct SoundSpec {
  SoundHandling handling = SoundHandling::automatic;
  std::string file = {};  // of sound, or a video; empty: the source's own

  friend bool operator==(const SoundSpec&, const SoundSpec&) = default;
};

// From a name of sound_handling_names, or else the name of a file. Errors: BadRecipe for an empty
// text.
SoundSpec parse_sound_spec(std::string_view text);
// parse_sound_spec(to_string(spec)) == spec, or names the same file.
std::string to_string(const SoundSpec& spec);

// What of a sound moves a setting.
enum class BeatSource { onsets, beats, bass, mid, treble };

inline constexpr Named<BeatSource> beat_source_names[] = {
    {"onsets", BeatSource::onsets, "each note or stroke"},
    {"beats", BeatSource::beats, "the beats of the tempo"},
    {"bass", BeatSource::bass, "loudness below 250 Hz"},
    {"mid", BeatSource::mid, "loudness from 250 to 4000 Hz"},
    {"treble", BeatSource::treble, "loudness above 4000 Hz"}};

// A setting that a sound moves: at `low` where the sound is silent, at `high` where it is loudest
// or at an onset, after which it falls back.
struct BeatSpec {
  std::string setting;  // its name; one that is animatable, and a number or a zoom
  BeatSource source = BeatSource::onsets;
  std::string low, high;  // values of the setting, as they would be typed
  // Time constants of rising and falling, s. Onsets and beats rise at once.
  double attack = 0.03, decay = 0.25;

  friend bool operator==(const BeatSpec&, const BeatSpec&) = default;
};

// SETTING=SOURCE:LOW..HIGH[@attack=SECONDS][@decay=SECONDS], such as strength=onsets:0.5..2 or
// zoom=bass:1.01x..1.04x@decay=0.5. Errors: BadRecipe, saying what was not understood, also for a
// setting that cannot change from frame to frame, or a value that is out of its range.
BeatSpec parse_beat_spec(std::string_view text);
// parse_beat_spec(to_string(spec)) == spec.
std::string to_string(const BeatSpec& spec);

}  // namespace reverie
