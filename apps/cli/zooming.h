// zooming.h: what `zoom` and `redo` share: one picture, a recipe, and the film that grows from
// them.
#pragma once

#include <optional>
#include <string>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "apps/cli/source_file.h"

namespace reverie::cli {

// Where a film goes.
struct FilmOutput {
  // Adds -o, --quality, --preview, --overwrite.
  void add_to(CLI::App& command);

  // By the path: a folder ends in '/', exists as one, or has no extension.
  bool is_folder() const;

  std::string path;
  int quality = 90;
  std::string preview;  // a picture that shows the frame at work; empty for none
  bool overwrite = false;
};

struct ZoomTask {
  SourceFile source;
  Recipe recipe;  // as the film shall carry it
  Recipe found;   // the same, with its files where they lie now
  ZoomSettings settings;
  NetworkOptions network;
  MachineArguments machine;
  FilmOutput output;
  std::optional<DreamDocument> expected;  // for `redo`: a network that must be the same
};

// What is known to fail before the picture is read. Errors: CodecFailure, FileFailure.
void check_zoom_output(const FilmOutput& output);

// Dreams what is missing of the film and writes it. Returns an ExitStatus. Errors: as open_network,
// Zoom, FilmParts, FilmWriter.
int make_zoom(const ZoomTask& task, Session& session);

}  // namespace reverie::cli
