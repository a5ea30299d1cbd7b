// reverie image INPUT...
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/reporting.h"

namespace reverie::cli {
namespace {

struct ImageArguments {
  JobSpec job = job_of_kind(JobKind::image, {});
  JobArguments common;
};

int dream_images(const ImageArguments& typed, Session& session) {
  JobSpec job = typed.common.apply_to(typed.job);
  if (!job.sweep.empty()) job.kind = JobKind::sweep;
  return run_job(job, typed.common.fetch, session);
}

}  // namespace

void add_image(Command program, Session& session) {
  Command command = program.add_command("image", "dream pictures");
  const auto typed = std::make_shared<ImageArguments>();
  command.add("INPUT", typed->job.inputs, "pictures, folders of pictures, or - for standard input")
      .required();
  add_image_output_options(command, typed->job.output);
  command
      .add_flag("--recursive", typed->job.recursive,
                "also dream what lies in the folders below a folder")
      .group("Output");
  command
      .add_flag("--skip-existing", typed->job.output.skip_existing,
                "leave pictures whose dream is there already")
      .group("Output");
  command
      .add("--sweep", typed->job.sweep,
           "try several values of a setting and write one labelled sheet of all combinations: "
           "--sweep layer=3b/output,4c/output --sweep step=1,2; repeatable; values that contain "
           "commas are separated by ';'")
      .form("SETTING=VALUE,VALUE...")
      .repeatable()
      .group("Output");
  typed->common.add_to(command, typed->job, session.terminal);
  command.runs([typed, &session] { return dream_images(*typed, session); });
}

}  // namespace reverie::cli
