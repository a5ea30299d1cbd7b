// zooming.h: what `zoom` and `redo` share: one picture, a recipe, and the film that grows from
// them.
#pragma once

#include "apps/cli/film_task.h"
#include "apps/cli/session.h"
#include "apps/cli/source_file.h"

namespace reverie::cli {

struct ZoomTask : FilmTask {
  SourceFile source;
  ZoomSettings settings;
};

// Dreams what is missing of the film and writes it. Returns an ExitStatus. Errors: as open_network,
// Zoom, FilmParts, FilmWriter.
int make_zoom(ZoomTask task, Session& session);

}  // namespace reverie::cli
