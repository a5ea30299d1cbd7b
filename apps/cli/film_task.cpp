#include "apps/cli/film_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "apps/cli/source_file.h"
#include "reverie/base/error.h"
#include "reverie/base/version.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/dream/dreamer.h"
#include "reverie/video/checkpoint.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

bool holds_frames(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().starts_with("frame_")) return true;
  return false;
}

}  // namespace

void VideoOutput::add_to(Command command) {
  constexpr const char* group = "Output";
  command
      .add("-o,--output", path,
           "film (.mp4, .webm, .mkv, .mov, .avi, .gif) or folder for frames [the "
           "input's stem + .dream.mp4 in the current folder]")
      .form("PATH")
      .group(group);
  command.add("--quality", quality, "of the film, 1 to 100 [90]")
      .form("N")
      .range(1, 100)
      .group(group);
  std::vector<std::string> codecs;
  for (const auto& [name, value] : video_codec_names) codecs.emplace_back(name);
  command.add("--codec", codec, fmt::format("of the pictures: {} [auto]", fmt::join(codecs, ", ")))
      .form("NAME")
      .one_of(codecs)
      .group(group);
  command.add("--preview", preview, "picture that shows every fifth frame meanwhile")
      .form("FILE")
      .group(group);
  command.add_flag("--overwrite", overwrite, "replace existing files, begin anew").group(group);
}

bool VideoOutput::is_folder() const {
  std::error_code ignored;
  return path.ends_with('/') || fs::is_directory(path, ignored) ||
         fs::path(path).extension().empty();
}

VideoOptions VideoOutput::form() const {
  VideoOptions options;
  options.quality = quality;
  for (const auto& [name, value] : video_codec_names)
    if (codec == name) options.codec = value;
  return options;
}

void check_video_output(const VideoOutput& output) {
  remove_finished_checkpoint(output.path, output.is_folder());
  // Parts of a video that was begun allow it to be finished; whether they are of this one, they
  // tell
  const bool replace = output.overwrite || has_checkpoint(output.path);
  if (!output.is_folder()) {
    VideoOptions options = output.form();
    options.overwrite = replace;
    check_video_output(output.path, options);
  } else if (!replace && holds_frames(output.path)) {
    throw FileFailure(
        fmt::format("{}: holds frames already; choose another folder or ask to "
                    "overwrite them (--overwrite)",
                    output.path));
  }
  if (!output.preview.empty()) {
    ImageOptions options;
    options.overwrite = replace;
    check_image_output(output.preview, options);
  }
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

DreamDocument document_of(VideoTaskBase& task, const Network& network, bool wanders,
                          const DreamDocument::Picture& source, Terminal& terminal) {
  DreamDocument document;
  document.version = version();
  document.network.name = network.name;
  document.network.file = network.file.filename().string();
  document.network.sha256 = checksum(network);
  if (task.expected) {
    const auto& expected = task.expected->network;
    if (document.network.sha256 != expected.sha256)
      throw BadModel(fmt::format(
          "the film was made with another '{}' (SHA-256 {:.12}..., here {:.12}...); --model "
          "names the network to use",
          expected.name, expected.sha256, document.network.sha256));
    if (task.recipe.layers.empty() && !wanders) {
      task.found.layers.clear();
      for (const std::string& layer : expected.layers)
        task.found.layers.push_back(parse_layer_spec(layer));
    }
  }
  for (const LayerSpec& spec : resolved_layers(network, layers_to_dream(task.found, network)))
    document.network.layers.push_back(to_string(spec));
  document.source = source;
  for (const GuideSpec& guide : guides_of(task.found, task.found_timeline))
    document.guides.push_back(read_source(guide.file, {}).identity);
  if (!task.found.mask.empty()) document.mask = read_source(task.found.mask, {}).identity;
  document.output = {8, task.output.quality};
  if (task.output.codec != "auto") document.output.codec = task.output.codec;
  document.tiling.plan_memory =
      task.plan_memory > 0 ? task.plan_memory : task.machine.plan_memory();
  document.recipe = task.recipe;
  terminal.detail(fmt::format("network {}, dreaming on {}", document.network.name,
                              fmt::join(document.network.layers, " ")));
  return document;
}

}  // namespace reverie::cli
