#include "apps/cli/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/dream/dreamer.h"
#include "reverie/dream/files_on_disk.h"
#include "reverie/graph/names.h"
#include "reverie/job/networks.h"
#include "reverie/recipe/presets.h"

namespace reverie::cli {
namespace {

constexpr const char* output_group = "Output";
constexpr const char* recipe_group = "The dream";
constexpr const char* machine_group = "The machine";
constexpr const char* hidden = "";  // from help

std::string help_text(const RecipeOption& option) {
  std::string text = option.help;
  std::string values = option.values;
  if (!option.unit.empty()) values += (values.empty() ? "in " : " ") + option.unit;
  if (!values.empty()) text += fmt::format(" ({})", values);
  if (!option.fallback.empty()) text += fmt::format(" [{}]", option.fallback);
  return text;
}

// Errors: UsageError.
void check_threads(const std::optional<int>& threads) {
  if (threads && (*threads < 1 || *threads > 1024))
    throw UsageError(
        fmt::format("--threads is '{}', expected a whole number, 1 to 1024", *threads));
}

}  // namespace

void add_output_level_options(Command command, Terminal& terminal) {
  command.add_flag("--json", terminal.json, "print one JSON object on standard output")
      .group(output_group);
  Argument quiet = command.add_flag("--quiet", terminal.quiet, "print errors only");
  quiet.group(output_group);
  command.add_flag("--verbose", terminal.verbose, "print details, too")
      .group(output_group)
      .excludes(quiet);
}

void SettingArguments::add_to(Command command, const std::vector<RecipeOption>& options,
                              const char* group) {
  for (const RecipeOption& option : options) {
    if (option.kind == RecipeOption::Kind::flag) {
      Argument on = command.add_flag("--" + option.name, on_[option.name], help_text(option));
      Argument off = command.add_flag("--no-" + option.name, off_[option.name],
                                      fmt::format("turn --{} off", option.name));
      on.group(group).excludes(off);
      off.group(group);
      for (const std::string& former : option.former) {
        Argument old_on = command.add_flag("--" + former, on_[option.name], "");
        Argument old_off = command.add_flag("--no-" + former, off_[option.name], "");
        old_on.group(hidden).excludes(on).excludes(off).excludes(old_off);
        old_off.group(hidden).excludes(on).excludes(off);
      }
      continue;
    }
    const std::string letter = option.letter ? fmt::format("-{},", option.letter) : "";
    Argument added =
        command.add(letter + "--" + option.name, texts_[option.name], help_text(option));
    added.form(option.form).group(group);
    if (option.kind == RecipeOption::Kind::list) added.repeatable();
    for (const std::string& former : option.former)
      command.add("--" + former, texts_[option.name], "").group(hidden).excludes(added);
  }
}

bool SettingArguments::given(const std::string& name) const {
  const auto texts = texts_.find(name);
  return (texts != texts_.end() && !texts->second.empty()) || flag(name);
}

std::optional<bool> SettingArguments::flag(const std::string& name) const {
  if (const auto on = on_.find(name); on != on_.end() && on->second) return true;
  if (const auto off = off_.find(name); off != off_.end() && off->second) return false;
  return {};
}

void SettingArguments::for_each(
    const std::function<void(const std::string&, const std::vector<std::string>&)>& set) const {
  for (const auto& [name, texts] : texts_)
    if (!texts.empty()) set(name, texts);
  for (const auto& [name, is_on] : on_)
    if (const auto typed = flag(name)) set(name, {*typed ? "true" : "false"});
}

void RecipeArguments::add_to(Command command, const std::vector<std::string>& only,
                             const Recipe& fallback, const std::string& except) {
  std::vector<RecipeOption> options = recipe_options(fallback);
  std::erase_if(options, [&](const RecipeOption& option) {
    return option.name == except ||
           (!only.empty() && std::find(only.begin(), only.end(), option.name) == only.end());
  });
  typed_.add_to(command, options, recipe_group);
}

std::vector<std::string> RecipeArguments::chosen() const {
  const bool from_file = given("preset") && find_preset(typed_.text("preset")) == nullptr;
  std::vector<std::string> names;
  for (const RecipeOption& option : recipe_options())
    if (from_file || given(option.name)) names.push_back(option.name);
  return names;
}

Recipe RecipeArguments::apply_to(Recipe base, const std::string& except) const {
  // A preset replaces everything, so it comes first; a file keeps the preset that it names
  if (given("preset")) base = load_preset(typed_.text("preset"));
  try {
    // So does its switch, which stands for many settings
    if (const auto faithful = typed_.flag("faithful")) set_faithful(base, *faithful);
    typed_.for_each([&](const std::string& name, const std::vector<std::string>& texts) {
      if (name != "preset" && name != except) set_option(base, name, texts, files_on_disk().get());
    });
    validate(base);
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
  return base;
}

namespace {

template <class Settings>
Settings with_typed(const SettingArguments& typed, Settings base) {
  try {
    typed.for_each([&](const std::string& name, const std::vector<std::string>& texts) {
      set_option(base, name, texts, files_on_disk().get());
    });
    if constexpr (!std::is_same_v<Settings, AtlasSettings>) validate(base);
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
  return base;
}

}  // namespace

AtlasSettings SettingArguments::apply_to(AtlasSettings base) const {
  return with_typed(*this, base);
}

void VideoArguments::add_to(Command command, const std::vector<RecipeOption>& options,
                            const char* group) {
  std::vector<RecipeOption> unlike;
  for (const RecipeOption& option : options)
    if (std::none_of(unlike.begin(), unlike.end(),
                     [&](const RecipeOption& other) { return other.name == option.name; }))
      unlike.push_back(option);
  typed_.add_to(command, unlike, group);
}

bool VideoArguments::given_any() const {
  bool any = false;
  typed_.for_each([&](const std::string&, const std::vector<std::string>&) { any = true; });
  return any;
}

ZoomSettings VideoArguments::apply_to(ZoomSettings base) const { return with_typed(typed_, base); }

VideoSettings VideoArguments::apply_to(VideoSettings base, const std::string& start) const {
  try {
    if (!start.empty()) set_option(base, "start", {start});
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
  return with_typed(typed_, base);
}

void MachineArguments::add_to(Command command) {
  command.add("--threads", threads, "number of threads (1 to 1024) [all processors]")
      .form("N")
      .group(machine_group);
  command
      .add("--device", device,
           "device to compute on: auto, cpu, or another that this machine has [auto]")
      .form("NAME")
      .group(machine_group);
  command
      .add("--memory", memory,
           "memory limit of the running network, such as 700M; larger pictures are dreamed in "
           "tiles [2G]")
      .form("SIZE")
      .group(machine_group);
}

void MachineArguments::apply() const {
  plan_memory();
  chosen_device();
  check_threads(threads);
  if (threads) set_thread_count(*threads);
}

Device MachineArguments::chosen_device() const {
  try {
    return parse_device(device);
  } catch (const DeviceFailure& error) {
    throw UsageError(fmt::format("--device: {}", error.what()));
  }
}

std::size_t MachineArguments::plan_memory() const {
  return memory.empty() ? default_plan_memory : parse_bytes(memory);
}

void MachineArguments::apply_to(JobSpec& job) const {
  check_threads(threads);
  job.machine.threads = threads.value_or(0);
  job.machine.device = chosen_device();
  job.machine.plan_memory = plan_memory();
}

void add_prototxt_option(Command command, std::string& prototxt) {
  command
      .add("--prototxt", prototxt,
           "network description of a .caffemodel [the .prototxt of the same name, else "
           "deploy.prototxt, else the only one beside it]")
      .form("FILE")
      .group(recipe_group);
}

void JobArguments::add_to(Command command, JobSpec& job, Terminal& terminal,
                          const std::vector<std::string>& only, const std::string& except) {
  recipe.add_to(command, only, job.recipe, except);
  add_prototxt_option(command, job.prototxt);
  fetch.add_consent_to(command);
  machine.add_to(command);
  add_output_level_options(command, terminal);
}

JobSpec JobArguments::apply_to(JobSpec job) const {
  job.recipe = recipe.apply_to(job.recipe);
  job.chosen = recipe.chosen();
  machine.apply_to(job);
  job.mirror = fetch.mirror;
  return job;
}

static void add_source_path_option(Command command, OutputSpec& output) {
  command
      .add_flag("--no-source-path", output.no_source_path,
                "leave out of the recipe where the source lies")
      .group(output_group);
}

void add_image_output_options(Command command, OutputSpec& output, const char* path_help) {
  command.add("-o,--output", output.path, path_help).form("PATH").group(output_group);
  command
      .add("--format", output.format,
           "file format: png, jpg, webp or tif [by the file's extension]")
      .form("NAME")
      .one_of({"png", "jpg", "webp", "tif"})
      .group(output_group);
  command
      .add("--bits", output.bits,
           "bits per channel: 8; also 16 for PNG and TIFF, 32 (floating point) for TIFF, and 10 "
           "for videos [8]")
      .form("N")
      .one_of({8, 10, 16, 32})
      .group(output_group);
  command.add("--quality", output.quality, "quality of JPEG and WebP, 1 to 100 [95]")
      .form("N")
      .range(1, 100)
      .group(output_group);
  command.add_flag("--overwrite", output.overwrite, "replace existing files").group(output_group);
  command
      .add("--preview", output.preview,
           "picture file that is rewritten with every fifth step while the dream grows")
      .form("FILE")
      .group(output_group);
  command
      .add("--save-every", output.save_every,
           "also keep every Nth step, as NAME.0010.dream.png [none]")
      .form("N")
      .range(1, 1000000)
      .group(output_group);
  command
      .add_flag("--strip", output.strip,
                "leave out the photograph's EXIF, XMP and IPTC (date, camera, place, author)")
      .group(output_group);
  add_source_path_option(command, output);
}

void add_video_output_options(Command command, OutputSpec& output) {
  command
      .add("-o,--output", output.path,
           "video (.mp4, .webm, .mkv, .mov, .avi, .gif), folder for frames, or names for them "
           "such as frame_%04d.png (.png, .tif, .jpg, .webp) [the input's stem + .dream.mp4 in the "
           "current folder]")
      .form("PATH")
      .group(output_group);
  command.add("--quality", output.quality, "quality of the video, 1 to 100 [90]")
      .form("N")
      .range(1, 100)
      .group(output_group);
  command
      .add("--bits", output.bits,
           "bits per channel: 8; also 10 for most codecs, 16 for FFV1, PNG and TIFF, 32 (floating "
           "point) for TIFF [8, ProRes 10]")
      .form("N")
      .one_of({8, 10, 16, 32})
      .group(output_group);
  std::vector<std::string> codecs;
  for (const auto& [name, value] : video_codec_names) codecs.emplace_back(name);
  command
      .add("--codec", output.codec, fmt::format("video codec: {} [auto]", fmt::join(codecs, ", ")))
      .form("NAME")
      .one_of(codecs)
      .group(output_group);
  command
      .add("--preview", output.preview,
           "picture file that is rewritten with every fifth frame while the video is made")
      .form("FILE")
      .group(output_group);
  command
      .add_flag("--overwrite", output.overwrite,
                "replace existing files; start again instead of resuming an interrupted run")
      .group(output_group);
  add_source_path_option(command, output);
}

std::optional<WantedSize> typed_size(const std::string& text) {
  try {
    return parse_size(text);
  } catch (const BadRecipe& error) {
    throw UsageError(std::string("--") + error.what());
  }
}

Network open_typed_network(const Recipe& recipe, const std::string& prototxt, Terminal& terminal) {
  NetworkOptions options;
  options.prototxt = prototxt;
  return open_network_of(recipe, options, terminal.notices());
}

}  // namespace reverie::cli
