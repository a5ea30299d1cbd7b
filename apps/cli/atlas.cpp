// reverie atlas
#include <fmt/format.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/reporting.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

struct AtlasCommand {
  SettingArguments typed;  // of the features
  std::string channels;
  std::vector<std::string> top;  // PHOTO, or PHOTO and X,Y
  std::optional<int> count;
  JobArguments common;
  JobSpec job = job_of_kind(JobKind::atlas, {});  // the rest as it was typed
};

// The layers that were typed, with the channels of --channels. Errors: UsageError.
std::vector<LayerSpec> typed_layers(const AtlasCommand& typed, std::vector<LayerSpec> layers) {
  if (typed.channels.empty() || typed.channels == "all") return layers;
  if (layers.empty()) layers.emplace_back();
  if (!layers[0].channels.empty())
    throw UsageError("channels are named both in --layer and in --channels; leave one out");
  try {
    layers[0].channels = parse_layer_spec("channels:" + typed.channels).channels;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--channels is '{}', expected numbers and ranges such as 0-63,70, or all", typed.channels));
  }
  return layers;
}

Place typed_place(const std::string& text) {
  try {
    return *parse_layer_spec("place@at=" + text).at;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--top: place is '{}', expected X,Y, each 0 to 1, from the left and the top", text));
  }
}

// Errors: UsageError.
std::optional<TopChannels> typed_top(const AtlasCommand& typed) {
  if (typed.top.empty()) {
    if (typed.count)
      throw UsageError("--count needs --top; to choose the channels to show, use --channels");
    return {};
  }
  TopChannels top;
  top.photo = typed.top[0];
  if (typed.top.size() > 1) top.at = typed_place(typed.top[1]);
  top.count = typed.count.value_or(top.count);
  return top;
}

int atlas(const AtlasCommand& typed, Session& session) {
  JobSpec job = typed.common.apply_to(typed.job);
  job.recipe.layers = typed_layers(typed, job.recipe.layers);
  job.atlas.all_channels = typed.channels == "all";
  job.atlas.settings = typed.typed.apply_to(AtlasSettings{});
  job.atlas.top = typed_top(typed);
  return run_job(job, typed.common.fetch, session);
}

}  // namespace

void add_atlas(Command program, Session& session) {
  Command command = program.add_command(
      "atlas", "make a sheet of what each channel of a layer responds to, or rank channels");
  const auto typed = std::make_shared<AtlasCommand>();
  constexpr const char* group = "The atlas";
  command
      .add("--channels", typed->channels,
           "channels to show: numbers and ranges such as 0-63,70, or all [the first 64]")
      .form("LIST")
      .group(group);
  command
      .add("--top", typed->top,
           "print the channels that respond most to a picture, or to its place X,Y (0 to 1, from "
           "the left and the top); with -o, also write their sheet; pictures longer than 1024 px "
           "are shrunk to that first")
      .form("PHOTO [X,Y]")
      .values(1, 2)
      .group(group);
  command.add("--count", typed->count, "number of channels for --top (1 to 4096) [16]")
      .form("N")
      .range(1, 4096)
      .group(group);
  typed->typed.add_to(command, atlas_options(), group);
  command
      .add("--columns", typed->job.atlas.columns,
           "columns of the sheet (1 to 1000) [about as many as rows]")
      .form("N")
      .range(1, 1000)
      .group(group);
  command
      .add("--cache", typed->job.atlas.cache,
           "folder where finished channels are kept and reused [$XDG_CACHE_HOME/reverie/atlas]")
      .form("FOLDER")
      .group(group);
  add_image_output_options(
      command, typed->job.output,
      "file, or - for standard output [the layer's name + .atlas.png in the current "
      "folder]");
  typed->common.add_to(command, typed->job, session.terminal,
                       {"model", "input-transform", "layer", "precision"});
  command.runs([typed, &session] { return atlas(*typed, session); });
}

}  // namespace reverie::cli
