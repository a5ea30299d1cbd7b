#include "reverie/job/film_sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/codec/video/sound_read.h"
#include "reverie/job/source_picture.h"

namespace reverie {

RemuxSource FilmSound::music() const {
  RemuxSource music;
  music.video = file;
  music.only_sound = true;
  return music;
}

FilmSound open_film_sound(JobContext& context, const DreamSetup& setup,
                          const TimelineSettings& timeline, const std::string& own) {
  FilmSound sound;
  const std::string& named = timeline.sound.file;
  if (!named.empty())
    sound.file = setup.found_sound.empty() ? context.files->sound_path(named) : setup.found_sound;
  const std::string heard = sound.file.empty() ? own : sound.file;
  if (depends_on_sound(timeline)) {
    context.debug(fmt::format("listening to '{}'", heard));
    sound.analysis.emplace(heard, context.notices());
    context.debug(fmt::format("'{}': {:.1f} s, {} onsets, {} beats", heard,
                              sound.analysis->seconds(), sound.analysis->onsets().size(),
                              sound.analysis->beats().size()));
  }
  if (sound.file.empty()) return sound;
  sound.seconds = sound.analysis ? sound.analysis->seconds() : stated_sound_length(sound.file);
  if (sound.seconds <= 0)
    sound.seconds = read_sound(sound.file, [](std::span<const float>) {}, {}).seconds;
  return sound;
}

void note_sound(const OutputSpec& output, const DreamSetup& setup, const FilmSound& sound,
                DreamDocument& document) {
  if (sound.file.empty()) return;
  const bool is_known = !setup.known_sound.name.empty();
  document.sound = is_known ? setup.known_sound : video_identity(sound.file, 0, 0);
  note_source_path(output, sound.file, document.sound);
}

ZoomSettings with_frames(ZoomSettings settings, const FilmSound& sound) {
  constexpr double most = 1'000'000;
  if (settings.frames > 0) return settings;
  settings.frames = default_zoom_frames;
  if (sound.seconds <= 0) return settings;
  const double shown = std::clamp(std::round(sound.seconds * settings.fps), 1.0, most);
  settings.frames = static_cast<int>(settings.palindrome ? std::ceil(shown / 2) + 1 : shown);
  return settings;
}

void tell_of_lengths(JobContext& context, const ZoomSettings& settings, const FilmSound& sound,
                     bool is_folder) {
  if (sound.file.empty()) return;
  if (is_folder)
    return context.message(
        fmt::format("a folder of frames has no sound, so '{}' is left out", sound.file));
  const double film = frames_to_show(settings) / settings.fps;
  constexpr double worth_telling = 0.1;  // s
  ZoomSettings whole = settings;
  whole.frames = 0;
  if (sound.seconds > film + worth_telling)
    context.message(fmt::format(
        "'{}' lasts {:.1f} s, the video {:.1f} s, so the sound is cut; --frames {} holds all of it",
        sound.file, sound.seconds, film, with_frames(whole, sound).frames));
  else if (sound.seconds < film - worth_telling)
    context.message(fmt::format("'{}' lasts {:.1f} s, the video {:.1f} s, whose end is silent",
                                sound.file, sound.seconds, film));
}

}  // namespace reverie
