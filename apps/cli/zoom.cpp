// reverie zoom INPUT
#include <filesystem>
#include <memory>

#include "apps/cli/fetching.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/recursive_film.h"
#include "apps/cli/zooming.h"

namespace reverie::cli {
namespace {

struct ZoomCommand {
  std::string input;
  VideoArguments zoom;
  RecipeArguments recipe;
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  VideoOutput output;
  std::string name;  // of a faithful recursive zoom
};

// Whether all is to be as the original program has it. Errors: UsageError when --name, which is
// its, is given for another zoom.
bool is_original(const ZoomCommand& typed, const Recipe& recipe) {
  const bool original = recipe.preset == "recursive" && recipe.faithful;
  if (!original && !typed.name.empty())
    throw UsageError("--name goes with --preset recursive --faithful; elsewhere -o says where to");
  return original;
}

int zoom(const ZoomCommand& typed, Session& session) {
  ZoomTask task;
  task.recipe = typed.recipe.apply_to(zoom_recipe());
  require_layer_for_guide(task.recipe);
  task.found = task.recipe;
  const bool original = is_original(typed, task.recipe);
  ZoomSettings settings;
  if (original) settings.camera.zoom = {1, ZoomStep::Unit::px};
  task.settings = typed.zoom.apply_to(settings);
  task.found_timeline = task.settings.timeline.keyframes;
  task.network = typed.network;
  task.machine = typed.machine;
  task.output = typed.output;
  const std::string stem =
      typed.input == "-" ? "stdin" : std::filesystem::path(typed.input).stem().string();
  if (task.output.path.empty() && !original) task.output.path = stem + ".dream.mp4";
  typed.machine.apply();
  watch_interrupts(session.cancel);
  if (!original) check_video_output(task.output);
  task.source = read_source(typed.input, session.terminal.notices());
  if (!obtain_network(task.recipe.model, typed.network, typed.fetch, session)) return interrupted;
  if (original) return make_recursive_video(task, typed.name.empty() ? stem : typed.name, session);
  return make_zoom(std::move(task), session);
}

}  // namespace

void add_zoom(Command program, Session& session) {
  Command command =
      program.add_command("zoom", "an endless zoom: a film that grows out of one picture");
  const auto typed = std::make_shared<ZoomCommand>();
  command.add("INPUT", typed->input, "a picture, or - for standard input").required();
  typed->output.add_to(command);
  command
      .add("--name", typed->name,
           "with -p recursive --faithful: frames go to dream/NAME/ as the original "
           "program has it [the input's stem]")
      .form("NAME")
      .group("The zoom");
  typed->zoom.add_to(command, zoom_options(), "The zoom");
  typed->recipe.add_to(command, {}, zoom_recipe());
  add_prototxt_option(command, typed->network);
  typed->fetch.add_consent_to(command);
  typed->machine.add_to(command);
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return zoom(*typed, session); });
}

}  // namespace reverie::cli
