// film_sound.h: the sound of a zoom or a video: which file it is, how long it lasts, and what is
// heard in it, as far as that is needed.
#pragma once

#include <optional>
#include <string>

#include "reverie/codec/video/video_write.h"
#include "reverie/job/document.h"
#include "reverie/video/sound/sound_analysis.h"

namespace reverie {

struct FilmSound {
  std::string file;                       // of the settings, where it lies now; empty: none
  double seconds = 0;                     // of that file; 0 without one
  std::optional<SoundAnalysis> analysis;  // where the settings depend on it

  const SoundAnalysis* heard() const { return analysis ? &*analysis : nullptr; }
  // What a zoom or a video writes beside its pictures.
  RemuxSource music() const;
};

// `own` is the video whose own sound moves its dream; empty for a zoom. Errors: as read_sound.
FilmSound open_film_sound(JobContext& context, const DreamSetup& setup,
                          const TimelineSettings& timeline, const std::string& own);

// Records which file the sound comes from. Errors: FileFailure.
void note_sound(const OutputSpec& output, const DreamSetup& setup, const FilmSound& sound,
                DreamDocument& document);

// The settings with a number of frames: as given, else as long as the sound.
ZoomSettings with_frames(ZoomSettings settings, const FilmSound& sound);

// Says what of the sound is not in a zoom.
void tell_of_lengths(JobContext& context, const ZoomSettings& settings, const FilmSound& sound,
                     bool is_folder);

}  // namespace reverie
