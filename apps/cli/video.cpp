// reverie video INPUT
#include <filesystem>
#include <memory>

#include "apps/cli/fetching.h"
#include "apps/cli/filming.h"
#include "apps/cli/interrupt.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

struct VideoCommand {
  std::string input;
  bool report = false;
  VideoArguments video;
  RecipeArguments recipe;
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  VideoOutput output;
};

// Errors: FileFailure; UsageError when the video would be written over itself.
void check_input(const std::string& video, const VideoOutput& output) {
  if (video == "-") throw UsageError("a film is read twice, so it must be a file and not '-'");
  std::error_code ignored;
  if (fs::is_directory(video, ignored))
    throw FileFailure("'" + video + "' is a folder, expected a film");
  if (fs::equivalent(video, output.path, ignored))
    throw UsageError("'" + video + "' is the film itself; name another file with -o");
}

int video(const VideoCommand& typed, Session& session) {
  VideoTask task;
  task.recipe = typed.recipe.apply_to(video_recipe());
  require_layer_for_guide(task.recipe);
  task.found = task.recipe;
  task.settings = typed.video.apply_to(VideoSettings{});
  task.found_timeline = task.settings.timeline.keyframes;
  task.network = typed.network;
  task.machine = typed.machine;
  task.output = typed.output;
  task.video = typed.input;
  task.report = typed.report;
  if (task.output.path.empty())
    task.output.path = fs::path(typed.input).stem().string() + ".dream.mp4";
  typed.machine.apply();
  watch_interrupts(session.cancel);
  check_input(task.video, task.output);
  check_video_output(task.output);
  if (!obtain_network(task.recipe.model, typed.network, typed.fetch, session)) return interrupted;
  return make_video(std::move(task), session);
}

}  // namespace

void add_video(Command program, Session& session) {
  Command command = program.add_command("video", "dream every frame of a film");
  const auto typed = std::make_shared<VideoCommand>();
  command.add("INPUT", typed->input, "a film").required();
  typed->output.add_to(command);
  command.add_flag("--report", typed->report, "measure and tell how much the film flickers")
      .group("Output");
  typed->video.add_to(command, video_options(), "The film");
  // A video's start is a time; what dreams begin with are its frames
  typed->recipe.add_to(command, {}, video_recipe(), "start");
  add_prototxt_option(command, typed->network);
  typed->fetch.add_consent_to(command);
  typed->machine.add_to(command);
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return video(*typed, session); });
}

}  // namespace reverie::cli
