// session.h: one call of the program: its terminal and its cancellation.
#pragma once

#include "apps/cli/command.h"
#include "apps/cli/terminal.h"
#include "reverie/base/cancel.h"

namespace reverie::cli {

struct Session {
  Terminal terminal;
  CancelToken& cancel;  // set by the first Ctrl-C
};

// One function per command: adds it to `program`.
void add_image(Command program, Session& session);
void add_zoom(Command program, Session& session);
void add_atlas(Command program, Session& session);
void add_video(Command program, Session& session);
void add_redo(Command program, Session& session);
void add_recipe(Command program, Session& session);
void add_probe(Command program, Session& session);
void add_layers(Command program, Session& session);
void add_models(Command program, Session& session);
void add_bench(Command program, Session& session);
void add_serve(Command program, Session& session);
void add_scene(Command program, Session& session);
void add_options(Command program, Session& session);

}  // namespace reverie::cli
