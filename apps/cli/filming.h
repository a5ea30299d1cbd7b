// filming.h: what `video` and `redo` share: a film, a recipe, and the film that dreams.
#pragma once

#include "apps/cli/film_task.h"

namespace reverie::cli {

struct VideoTask : FilmTask {
  std::string film;  // the source's path
  std::string name;  // what the dream calls it; empty: its file's name
  VideoSettings settings;
  bool report = false;  // measure and tell how much it flickers
};

// Dreams what is missing of the film and writes it. Returns an ExitStatus. Errors: as open_network,
// FilmSource, FilmParts, VideoFilm.
int make_video(VideoTask task, Session& session);

}  // namespace reverie::cli
