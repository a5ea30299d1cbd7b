// The program `reverie`. One file per command; this one finds out which, and turns what went wrong
// into one line and an exit status.
#include <fmt/format.h>

#include <new>

#include "apps/cli/interrupt.h"
#include "apps/cli/session.h"
#include "reverie/base/error.h"
#include "reverie/base/version.h"
#include "reverie/job/job_spec.h"

namespace reverie::cli {
namespace {

void add_commands(const Command& program, Session& session) {
  add_image(program, session);
  add_zoom(program, session);
  add_atlas(program, session);
  add_video(program, session);
  add_redo(program, session);
  add_recipe(program, session);
  add_probe(program, session);
  add_layers(program, session);
  add_models(program, session);
  add_bench(program, session);
  add_serve(program, session);
  add_scene(program, session);
  add_options(program, session);
}

int run(int argc, char** argv) {
  // Lives to the end of the process: a signal may come at any time
  static CancelToken cancel;
  let_too_large_files_fail();
  Session session{{}, cancel};
  Program program("reverie", version());
  add_commands(program.commands(), session);
  try {
    return program.run(argc, argv);
  } catch (const UsageError& error) {
    session.terminal.error(error.what());
    return bad_usage;
  } catch (const BadJob& error) {
    session.terminal.error(error.what());
    return bad_usage;
  } catch (const Error& error) {
    session.terminal.error(error.what());
  } catch (const std::bad_alloc&) {
    session.terminal.error("out of memory; use a smaller --size");
  } catch (const std::exception& error) {
    session.terminal.error(fmt::format("unexpected failure: {}", error.what()));
  }
  return failed;
}

}  // namespace
}  // namespace reverie::cli

int main(int argc, char** argv) { return reverie::cli::run(argc, argv); }
