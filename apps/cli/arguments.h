// arguments.h: options that several commands share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/session.h"
#include "reverie/model/network.h"
#include "reverie/plan/plan.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace reverie::cli {

// --json, --quiet, --verbose.
void add_speech_options(Command command, Terminal& terminal);

// Settings under their own names. Must live as long as the command.
class SettingArguments {
 public:
  void add_to(Command command, const std::vector<RecipeOption>& options, const char* group);

  // Whether the setting was typed; for a flag, what was.
  bool given(const std::string& name) const;
  std::optional<bool> flag(const std::string& name) const;
  // The first text that was typed. REQUIRES: given(name), and no flag.
  const std::string& text(const std::string& name) const { return texts_.at(name).front(); }

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

  // The preset that was typed, or else `base`, with the settings that were typed but for `except`.
  // Errors: UsageError for a value that is not understood or out of range; as load_preset().
  Recipe apply_to(Recipe base, const std::string& except = {}) const;

 private:
  SettingArguments typed_;
};

// Every setting of a zoom, of a video that dreams, or of either. Must live as long as the command.
class VideoArguments {
 public:
  // Of settings that have one name the first counts.
  void add_to(Command command, const std::vector<RecipeOption>& options, const char* group);
  bool given_any() const;
  // Errors: UsageError for a value that is not understood or out of range, or for a setting that
  // the other kind of video has.
  ZoomSettings apply_to(ZoomSettings base) const;
  // `start`: what was typed for it elsewhere, for a recipe's setting has that name, too.
  VideoSettings apply_to(VideoSettings base, const std::string& start = {}) const;

 private:
  SettingArguments typed_;
};

// What changes only the speed, and where a network's description is.
struct MachineArguments {
  void add_to(Command command);
  // Sets the number of threads. Errors: UsageError.
  void apply() const;
  Device chosen_device() const;
  std::size_t plan_memory() const;  // bytes

  int threads = 0;
  std::string device = "auto";
  std::string memory;
};

// --model's remuxed streams.
void add_prototxt_option(Command command, NetworkOptions& options);

// parse_size() of what was typed for --size. Errors: UsageError.
std::optional<WantedSize> typed_size(const std::string& text);

// The network that a recipe names, with the input transform that it states. Errors: as
// open_network and parse_input_transform.
Network open_network_of(const Recipe& recipe, NetworkOptions options, const NoticeSink& notices);

// What a user who names a guide has to name, too. Errors: UsageError.
void require_layer_for_guide(const Recipe& recipe);

// The wanted layers, or else the network's default one, by full name. Errors: as resolve_layer.
std::vector<LayerSpec> resolved_layers(const Network& network,
                                       const std::vector<LayerSpec>& layers);

}  // namespace reverie::cli
