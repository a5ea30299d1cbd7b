// arguments.h: options shared by several commands.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/fetching.h"
#include "apps/cli/session.h"
#include "reverie/job/job_spec.h"
#include "reverie/model/network.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace reverie::cli {

// --json, --quiet, --verbose.
void add_output_level_options(Command command, Terminal& terminal);

// Settings under their own names. Must live as long as the command.
class SettingArguments {
 public:
  void add_to(Command command, const std::vector<RecipeOption>& options, const char* group);

  // Whether the setting was typed; for a flag, what was.
  bool given(const std::string& name) const;
  std::optional<bool> flag(const std::string& name) const;
  // The first text that was typed. REQUIRES: given(name), and no flag.
  const std::string& text(const std::string& name) const { return texts_.at(name).front(); }

  // Errors: UsageError for a value that is not understood or out of range.
  AtlasSettings apply_to(AtlasSettings base) const;

  // Calls set(name, texts) for each that was typed.
  void for_each(
      const std::function<void(const std::string&, const std::vector<std::string>&)>& set) const;

 private:
  std::map<std::string, std::vector<std::string>> texts_;
  std::map<std::string, bool> on_, off_;  // of flags
};

// Every setting of a recipe. Must live as long as the command.
class RecipeArguments {
 public:
  // `only` names the settings to offer; empty: all but `except`. Help shows the defaults of
  // `fallback`.
  void add_to(Command command, const std::vector<std::string>& only = {},
              const Recipe& fallback = {}, const std::string& except = {});

  // Whether the setting was typed.
  bool given(const std::string& name) const { return typed_.given(name); }
  // REQUIRES: given(name), and no flag.
  const std::string& text(const std::string& name) const { return typed_.text(name); }

  // The names of all settings that were typed; of every setting where the preset is a file.
  std::vector<std::string> chosen() const;

  // The preset that was typed, or else `base`, with the settings that were typed but for `except`.
  // Errors: UsageError for a value that is not understood or out of range; as load_preset().
  Recipe apply_to(Recipe base, const std::string& except = {}) const;

 private:
  SettingArguments typed_;
};

// Every setting of a zoom, of a video, or of both. Must live as long as the command.
class VideoArguments {
 public:
  // Of settings with the same name only the first is used.
  void add_to(Command command, const std::vector<RecipeOption>& options, const char* group);
  bool given_any() const;
  // Errors: UsageError for a value that is not understood or out of range, or for a setting that
  // the other kind of video has.
  ZoomSettings apply_to(ZoomSettings base) const;
  // `start`: the value typed for the recipe's setting of that name, which means the video's here.
  VideoSettings apply_to(VideoSettings base, const std::string& start = {}) const;

 private:
  SettingArguments typed_;
};

// Options that change only speed and memory.
struct MachineArguments {
  void add_to(Command command);
  // Errors: UsageError.
  void apply_to(JobSpec& job) const;
  // For commands that are not jobs: sets the number of threads. Errors: UsageError.
  void apply() const;
  Device chosen_device() const;
  std::size_t plan_memory() const;  // bytes

  std::optional<int> threads;
  std::string device = "auto";
  std::string memory;
};

void add_prototxt_option(Command command, std::string& prototxt);

// Options of all commands that are jobs. Must live as long as the
// command.
struct JobArguments {
  // `only` and `except` say which settings of a recipe are offered, as in RecipeArguments.
  void add_to(Command command, JobSpec& job, Terminal& terminal,
              const std::vector<std::string>& only = {}, const std::string& except = {});
  // The job with the recipe, the machine and the mirror that were typed. Errors: UsageError; as
  // load_preset().
  JobSpec apply_to(JobSpec job) const;

  RecipeArguments recipe;
  FetchArguments fetch;
  MachineArguments machine;
};

// -o, --format, --bits, --quality, --overwrite.
void add_image_output_options(
    Command command, OutputSpec& output,
    const char* path_help =
        "file, folder for several pictures, or - for standard output [the "
        "input's stem + .dream.png in the current folder]");
// -o, --quality, --codec, --preview, --overwrite.
void add_video_output_options(Command command, OutputSpec& output);

// parse_size() of what was typed for --size. Errors: UsageError.
std::optional<WantedSize> typed_size(const std::string& text);

// The recipe's network. Errors: as open_network_of.
Network open_typed_network(const Recipe& recipe, const std::string& prototxt, Terminal& terminal);

}  // namespace reverie::cli
