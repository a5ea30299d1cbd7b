// reverie atlas
#include <fmt/format.h>

#include <memory>

#include "apps/cli/atlas_task.h"
#include "apps/cli/interrupt.h"
#include "reverie/atlas/feature_cache.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

constexpr int usual_count = 16;  // of channels that answer to a picture

struct AtlasCommand {
  RecipeArguments recipe;
  SettingArguments typed;  // of the features
  std::string channels;
  std::vector<std::string> top;  // PHOTO, or PHOTO and X,Y
  int count = 0;                 // 0: not typed
  AtlasTask task;                // the rest as it was typed
};

AtlasSettings typed_settings(const AtlasCommand& typed) {
  AtlasSettings settings;
  try {
    typed.typed.for_each([&](const std::string& name, const std::vector<std::string>& texts) {
      set_option(settings, name, texts);
    });
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
  return settings;
}

// The one layer that was typed, unresolved; no name for the network's default. Its channels are
// those of --channels, too. Errors: UsageError.
LayerSpec typed_layer(const AtlasCommand& typed, const Recipe& recipe) {
  if (recipe.layers.size() > 1) throw UsageError("atlas: --layer names one layer at a time");
  LayerSpec spec = recipe.layers.empty() ? LayerSpec{} : recipe.layers[0];
  LayerSpec plain{spec.name, spec.channels};
  if (!(spec == plain))
    throw UsageError(
        fmt::format("atlas: --layer '{}' has more than a name and channels", to_string(spec)));
  if (typed.channels.empty() || typed.channels == "all") return spec;
  if (!spec.channels.empty())
    throw UsageError("channels are named both in --layer and in --channels; leave one out");
  try {
    spec.channels = parse_layer_spec("channels:" + typed.channels).channels;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--channels is '{}', expected numbers and ranges such as 0-63,70, or all", typed.channels));
  }
  return spec;
}

Place typed_place(const std::string& text) {
  try {
    return *parse_layer_spec("place@at=" + text).at;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--top: '{}' is not a place: X,Y, each 0 to 1, from the left and the top", text));
  }
}

// Errors: UsageError.
std::optional<TopQuestion> typed_top(const AtlasCommand& typed) {
  if (typed.top.empty()) {
    if (typed.count > 0)
      throw UsageError("--count goes with --top; --channels says which channels are shown");
    return {};
  }
  TopQuestion top{typed.top[0], {}, typed.count > 0 ? typed.count : usual_count};
  if (typed.top.size() > 1) top.at = typed_place(typed.top[1]);
  return top;
}

int atlas(const AtlasCommand& typed, Session& session) {
  AtlasTask task = typed.task;
  task.recipe = typed.recipe.apply_to(Recipe{});
  task.layer = typed_layer(typed, task.recipe);
  task.all_channels = typed.channels == "all";
  task.settings = typed_settings(typed);
  task.top = typed_top(typed);
  if (task.cache.empty()) task.cache = atlas_cache_folder();
  if (session.terminal.json && task.output.path == "-")
    throw UsageError("--json and a picture cannot both go to standard output; name a file with -o");
  task.machine.apply();
  watch_interrupts(session.cancel);
  return make_atlas_sheet(std::move(task), session);
}

}  // namespace

void add_atlas(Command program, Session& session) {
  Command command = program.add_command(
      "atlas", "a sheet of what each channel of a layer looks for, or who answers to a picture");
  const auto typed = std::make_shared<AtlasCommand>();
  constexpr const char* group = "The atlas";
  command
      .add("--channels", typed->channels,
           "which, numbers and ranges such as 0-63,70, or all [the first 64]")
      .form("LIST")
      .group(group);
  command
      .add("--top", typed->top,
           "print the channels that answer most to a picture, or to the place X,Y of "
           "it (0 to 1, from the left and the top); with -o their sheet, too; a "
           "picture longer than 1024 px is made smaller first")
      .form("PHOTO [X,Y]")
      .values(1, 2)
      .group(group);
  command.add("--count", typed->count, "how many of them (1 to 4096) [16]")
      .form("N")
      .range(1, 4096)
      .group(group);
  typed->typed.add_to(command, atlas_options(), group);
  command.add("--columns", typed->task.columns, "of the sheet (1 to 1000) [as square as it gets]")
      .form("N")
      .range(1, 1000)
      .group(group);
  command
      .add("--cache", typed->task.cache,
           "folder for finished channels, which are never climbed twice "
           "[$XDG_CACHE_HOME/reverie/atlas]")
      .form("FOLDER")
      .group(group);
  add_output_options(command, typed->task.output,
                     "file, or - for standard output [the layer's name + .atlas.png in the current "
                     "folder]");
  typed->recipe.add_to(command, {"model", "input-transform", "layer", "precision"});
  add_prototxt_option(command, typed->task.network);
  typed->task.fetch.add_consent_to(command);
  typed->task.machine.add_to(command);
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return atlas(*typed, session); });
}

}  // namespace reverie::cli
