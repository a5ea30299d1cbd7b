// reverie redo DREAM
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/cli/dream_file.h"
#include "apps/cli/dreaming.h"
#include "apps/cli/fetching.h"
#include "apps/cli/filming.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/zooming.h"
#include "reverie/base/error.h"
#include "reverie/codec/video/video_write.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

struct RedoArguments {
  std::string dream;
  std::string input;
  VideoArguments video;
  RecipeArguments recipe;
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  OutputArguments output;
};

// A picture that the dream names, beside the dream or in the current folder. Errors: FileFailure.
std::string find_picture(const DreamDocument::Picture& picture, const std::string& typed,
                         const fs::path& dream, const std::string& what) {
  std::error_code ignored;
  std::vector<fs::path> places{dream.parent_path() / picture.name, fs::path(picture.name)};
  if (!typed.empty()) places.insert(places.begin(), typed);
  for (const fs::path& place : places)
    if (!picture.name.empty() && picture.name != "-" && fs::is_regular_file(place, ignored))
      return place.string();
  const std::string name = picture.name == "-" ? "standard input" : "'" + picture.name + "'";
  throw FileFailure(fmt::format("'{}' needs {}, which is neither beside it nor here; {}",
                                dream.string(), name, what));
}

// Errors: BadImage when the source is not the one that the dream was made from.
SourceFile read_first_source(const RedoArguments& typed, const DreamDocument& document,
                             Terminal& terminal) {
  const bool is_named = !typed.input.empty();
  const std::string path =
      is_named ? typed.input
               : find_picture(document.source, "", typed.dream, "name it with --input");
  SourceFile source = read_source(path, terminal.notices());
  if (source.identity.sha256 == document.source.sha256) {
    source.identity.name = document.source.name;  // the same picture under another name
    return source;
  }
  if (!is_named)
    throw BadImage(fmt::format(
        "'{}' has changed since '{}' was made from it; --input {} dreams on it as it is now", path,
        typed.dream, path));
  terminal.say(fmt::format("'{}' is not the picture that '{}' was made from", path, typed.dream));
  return source;
}

// Where the picture of a setting ("guide", "mask") lies now, which the recipe calls `typed`.
// Errors: FileFailure; BadImage when it is not the one that the dream was made with.
std::string find_first(const DreamDocument::Picture& picture, const std::string& typed,
                       const char* setting, const std::string& dream) {
  const std::string path =
      find_picture(picture, typed, dream, fmt::format("name another with --{}", setting));
  if (file_checksum(path) != picture.sha256)
    throw BadImage(
        fmt::format("{} '{}' has changed since '{}' was made with it", setting, path, dream));
  return path;
}

// The guides `wanted` where they lie now, if they are those that the dream `had`. Errors: as
// find_first.
std::vector<GuideSpec> find_guides(std::vector<GuideSpec> wanted, const std::vector<GuideSpec>& had,
                                   const DreamDocument& document, const std::string& dream) {
  if (wanted != had || wanted.size() != document.guides.size()) return wanted;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    wanted[i].file = find_first(document.guides[i], wanted[i].file, "guide", dream);
  return wanted;
}

// Whether the tiles of the dream are those of what is made now: unless the size is another, or they
// are asked for.
bool keeps_tiles(const RedoArguments& typed) {
  for (const char* setting : {"tile", "tiling", "size", "octaves-above", "wrap"})
    if (typed.recipe.given(setting)) return false;
  return true;
}

// What zooms and other videos have in common, from the recipe on. Errors: as find_first;
// UsageError.
void prepare_video(const RedoArguments& typed, const DreamDocument& document,
                   const std::vector<Keyframe>& timeline, const std::vector<Keyframe>& old_timeline,
                   VideoTaskBase& task) {
  if (typed.output.given_bits || !typed.output.format.empty())
    throw UsageError("--bits and --format are for pictures; a film's name says its format");
  task.network = typed.network;
  task.machine = typed.machine;
  task.output.path = typed.output.path;
  task.output.overwrite = typed.output.overwrite;
  task.output.quality = typed.output.given_quality ? typed.output.quality : document.output.quality;
  if (keeps_tiles(typed)) task.plan_memory = document.tiling.plan_memory;
  if (!document.output.codec.empty()) task.output.codec = document.output.codec;
  const fs::path video(typed.dream);
  if (task.output.path.empty())
    task.output.path = video.stem().string() + ".dream" +
                       (is_video_name(video) ? video.extension().string() : ".mp4");
  check_video_output(task.output);
  if (!typed.recipe.given("model") && !typed.recipe.given("preset")) task.expected = document;
  task.found = task.recipe;
  task.found_timeline = timeline;
  set_guides(find_guides(guides_of(task.recipe, timeline), guides_of(document.recipe, old_timeline),
                         document, typed.dream),
             task.found, task.found_timeline);
  if (!task.recipe.mask.empty() && task.recipe.mask == document.recipe.mask)
    task.found.mask = find_first(document.mask, task.recipe.mask, "mask", typed.dream);
}

int redo_zoom(const RedoArguments& typed, const DreamDocument& document, Session& session) {
  ZoomTask task;
  task.settings = typed.video.apply_to(*document.zoom);
  task.recipe = typed.recipe.apply_to(document.recipe);
  prepare_video(typed, document, task.settings.timeline, document.zoom->timeline, task);
  task.source = read_first_source(typed, document, session.terminal);
  if (!obtain_network(task.recipe.model, typed.network, typed.fetch, session)) return interrupted;
  return make_zoom(std::move(task), session);
}

int redo_video(const RedoArguments& typed, const DreamDocument& document, Session& session) {
  VideoTask task;
  const bool starts = typed.recipe.given("start");
  task.settings = typed.video.apply_to(*document.video, starts ? typed.recipe.text("start") : "");
  task.recipe = typed.recipe.apply_to(document.recipe, "start");
  prepare_video(typed, document, task.settings.timeline, document.video->timeline, task);
  const bool is_named = !typed.input.empty();
  task.video = is_named ? typed.input
                        : find_picture(document.source, "", typed.dream, "name it with --input");
  if (video_identity(task.video, 0, 0).sha256 == document.source.sha256)
    task.name = document.source.name;
  else if (is_named)
    session.terminal.say(
        fmt::format("'{}' is not the film that '{}' was made from", task.video, typed.dream));
  else
    throw BadImage(fmt::format(
        "'{0}' has changed since '{1}' was made from it; --input {0} dreams on it as it is now",
        task.video, typed.dream));
  if (!obtain_network(task.recipe.model, typed.network, typed.fetch, session)) return interrupted;
  return make_video(std::move(task), session);
}

int redo(const RedoArguments& typed, Session& session) {
  Terminal& terminal = session.terminal;
  typed.machine.apply();
  watch_interrupts(session.cancel);
  const DreamDocument document = read_dream_document(typed.dream);
  if (document.zoom) return redo_zoom(typed, document, session);
  if (document.video) return redo_video(typed, document, session);
  if (typed.video.given_any())
    throw UsageError(fmt::format("'{}' is no film; leave a film's settings out", typed.dream));
  const Recipe recipe = typed.recipe.apply_to(document.recipe);

  // The file's form stays too, unless it is said otherwise
  OutputArguments output = typed.output;
  if (!output.given_bits) output.bits = document.output.bits;
  if (!output.given_quality) output.quality = document.output.quality;
  const Job job = plan_jobs({typed.dream}, output).at(0);
  if (!job.trouble.empty()) throw FileFailure(job.trouble);
  if (terminal.json && job.output == "-")
    throw UsageError("--json and a picture cannot both go to standard output; name a file with -o");

  const SourceFile source = read_first_source(typed, document, terminal);
  if (!obtain_network(recipe.model, typed.network, typed.fetch, session)) return interrupted;
  Dreams dreams(recipe, typed.network, typed.machine, output, session);
  if (!typed.recipe.given("model") && !typed.recipe.given("preset"))
    dreams.expect_network(document);
  if (keeps_tiles(typed) && source.identity.width == document.source.width &&
      source.identity.height == document.source.height)
    dreams.tile_as(document);
  dreams.find_guides_at(find_guides(recipe.guide, document.recipe.guide, document, typed.dream));
  if (!recipe.mask.empty() && recipe.mask == document.recipe.mask)
    dreams.find_mask_at(find_first(document.mask, recipe.mask, "mask", typed.dream));
  const auto outcome = dreams.dream(job, source);
  if (!outcome) {
    terminal.say("interrupted before the first octave was done; nothing is written");
    return interrupted;
  }
  if (terminal.json) terminal.print(to_json(*outcome));
  terminal.say(summary(*outcome));
  return outcome->cancelled ? interrupted : done;
}

}  // namespace

void add_redo(Command program, Session& session) {
  Command command = program.add_command(
      "redo", "make a dream again from the recipe it carries, with any setting changed");
  const auto typed = std::make_shared<RedoArguments>();
  command.add("DREAM", typed->dream, "a picture or film that Reverie made").required();
  command
      .add("-i,--input", typed->input,
           "the picture or film it was made from [found by name beside the dream or in the "
           "current folder]")
      .form("FILE");
  add_output_options(command, typed->output);
  std::vector<RecipeOption> of_videos = zoom_options();
  for (RecipeOption& option : video_options())
    if (option.name != "start") of_videos.push_back(std::move(option));
  for (RecipeOption& option : of_videos) option.fallback.clear();
  typed->video.add_to(command, of_videos, "The film");
  typed->recipe.add_to(command);
  add_prototxt_option(command, typed->network);
  typed->fetch.add_consent_to(command);
  typed->machine.add_to(command);
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return redo(*typed, session); });
}

}  // namespace reverie::cli
