// reverie zoom INPUT
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/reporting.h"

namespace reverie::cli {
namespace {

struct ZoomArguments {
  JobSpec job = job_of_kind(JobKind::zoom, {});
  std::string input;
  VideoArguments zoom;
  JobArguments common;
};

int zoom(const ZoomArguments& typed, Session& session) {
  JobSpec job = typed.common.apply_to(typed.job);
  job.inputs = {typed.input};
  if (job.output.keep_state.empty()) job.output.keep_state = "yes";  // bare
  // The original program's crop, unless another is typed
  if (job.recipe.preset == "recursive" && job.recipe.faithful)
    job.zoom.camera.zoom = {1, ZoomStep::Unit::px};
  job.zoom = typed.zoom.apply_to(job.zoom);
  return run_job(job, typed.common.fetch, session);
}

}  // namespace

void add_zoom(Command program, Session& session) {
  Command command =
      program.add_command("zoom", "make an endless zoom into one picture, as a video");
  const auto typed = std::make_shared<ZoomArguments>();
  command.add("INPUT", typed->input, "a picture, or - for standard input").required();
  add_video_output_options(command, typed->job.output);
  command
      .add("--name", typed->job.name,
           "with -p recursive --faithful: write frames to dream/NAME/, as the original program "
           "does [the input's stem]")
      .form("NAME")
      .group("The zoom");
  command
      .add("--keep-state", typed->job.output.keep_state,
           "keep beside the video, in OUTPUT.state, what the same command with more --frames needs "
           "to go on: auto (up to 100 MB), yes or no [auto]")
      .form("WHEN")
      .values(0, 1)
      .one_of({"auto", "yes", "no"})
      .group("Output");
  typed->zoom.add_to(command, zoom_options(), "The zoom");
  typed->common.add_to(command, typed->job, session.terminal);
  command.runs([typed, &session] { return zoom(*typed, session); });
}

}  // namespace reverie::cli
