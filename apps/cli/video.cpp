// reverie video INPUT
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/reporting.h"

namespace reverie::cli {
namespace {

struct VideoCommand {
  JobSpec job = job_of_kind(JobKind::video, {});
  VideoArguments video;
  JobArguments common;
};

int video(const VideoCommand& typed, Session& session) {
  JobSpec job = typed.common.apply_to(typed.job);
  job.video = typed.video.apply_to(job.video);
  return run_job(job, typed.common.fetch, session);
}

}  // namespace

void add_video(Command program, Session& session) {
  Command command = program.add_command("video", "dream every frame of a video");
  const auto typed = std::make_shared<VideoCommand>();
  command
      .add("INPUT", typed->job.inputs,
           "videos, folders of videos, a folder of numbered pictures, or their names in quotes: "
           "'frame_*.png'")
      .required();
  add_video_output_options(command, typed->job.output);
  command
      .add_flag("--report", typed->job.measure_flicker,
                "measure how much the video flickers, and print it")
      .group("Output");
  typed->video.add_to(command, video_options(), "The video");
  // A video's start is a time; what dreams begin with are its frames
  typed->common.add_to(command, typed->job, session.terminal, {}, "start");
  command.runs([typed, &session] { return video(*typed, session); });
}

}  // namespace reverie::cli
