// reverie redo DREAM
#include <fmt/format.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/reporting.h"
#include "reverie/job/dream_file.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::cli {
namespace {

struct RedoArguments {
  JobSpec job = job_of_kind(JobKind::redo, {});
  std::string dream;
  VideoArguments video;
  JobArguments common;
};

// The dream's settings with those that were typed, as the job wants them. Errors: UsageError.
std::string typed_changes(const RedoArguments& typed, const DreamDocument& document) {
  // A video's start is a time, a recipe's what the dream begins with: they have one name
  const bool starts = typed.common.recipe.given("start");
  const Recipe recipe =
      typed.common.recipe.apply_to(document.recipe, document.video ? std::string("start") : "");
  std::string changes = fmt::format("{{\"recipe\": {}", recipe_to_json(recipe, -1));
  if (document.zoom)
    changes +=
        fmt::format(", \"zoom\": {}", zoom_to_json(typed.video.apply_to(*document.zoom), -1));
  else if (document.video)
    changes += fmt::format(
        ", \"video\": {}",
        video_to_json(
            typed.video.apply_to(*document.video, starts ? typed.common.recipe.text("start") : ""),
            -1));
  else if (typed.video.given_any())
    throw UsageError(
        fmt::format("'{}' is a picture; leave out the options of videos", typed.dream));
  return changes + "}";
}

int redo(const RedoArguments& typed, Session& session) {
  JobSpec job = typed.job;
  typed.common.machine.apply_to(job);
  job.mirror = typed.common.fetch.mirror;
  job.inputs = {typed.dream};
  job.redo.changes = typed_changes(typed, read_dream_document(typed.dream));
  job.redo.any_network = typed.common.recipe.given("model") || typed.common.recipe.given("preset");
  return run_job(job, typed.common.fetch, session);
}

}  // namespace

void add_redo(Command program, Session& session) {
  Command command = program.add_command(
      "redo", "make a dream again from the recipe it carries, with any setting changed");
  const auto typed = std::make_shared<RedoArguments>();
  command.add("DREAM", typed->dream, "a picture or video that Reverie made").required();
  command
      .add("-i,--input", typed->job.redo.source,
           "the picture or video it was made from [found by name beside the dream or in the "
           "current folder]")
      .form("FILE");
  add_image_output_options(
      command, typed->job.output,
      "file, or - for standard output [the dream's stem + .dream.png, or .dream and the video's "
      "extension, in the current folder]");
  std::vector<RecipeOption> of_videos = zoom_options();
  for (RecipeOption& option : video_options())
    if (option.name != "start") of_videos.push_back(std::move(option));
  for (RecipeOption& option : of_videos) option.fallback.clear();
  typed->video.add_to(command, of_videos, "The video");
  typed->common.add_to(command, typed->job, session.terminal);
  command.runs([typed, &session] { return redo(*typed, session); });
}

}  // namespace reverie::cli
