// session.h: one call of the program: what was typed, and where its words go.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>

#include "apps/cli/terminal.h"
#include "reverie/base/cancel.h"

namespace reverie::cli {

// The contract of CLI.md's exit statuses.
enum ExitStatus { done = 0, failed = 1, bad_usage = 2, interrupted = 130 };

// What was typed cannot be done whatever the files hold. Exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Session {
  Terminal terminal;
  CancelToken& cancel;          // set by the first Ctrl-C
  std::function<int()> action;  // of the command that was typed; returns an ExitStatus
};

// One function per command: adds it to `program`; when it is the one that was typed, parsing sets
// session.action.
void add_image(CLI::App& program, Session& session);
void add_zoom(CLI::App& program, Session& session);
void add_atlas(CLI::App& program, Session& session);
void add_video(CLI::App& program, Session& session);
void add_redo(CLI::App& program, Session& session);
void add_recipe(CLI::App& program, Session& session);
void add_probe(CLI::App& program, Session& session);
void add_layers(CLI::App& program, Session& session);
void add_models(CLI::App& program, Session& session);
void add_bench(CLI::App& program, Session& session);
void add_scene(CLI::App& program, Session& session);
void add_options(CLI::App& program, Session& session);

}  // namespace reverie::cli
