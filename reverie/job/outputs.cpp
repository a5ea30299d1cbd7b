#include "reverie/job/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "reverie/base/file/atomic_file.h"
#include "reverie/base/text.h"
#include "reverie/codec/sequence/numbered_name.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/zoom_state.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// sky.dream.png, sky.dream.jpg.
bool is_own_output(const fs::path& path) { return path.stem().extension() == ".dream"; }

bool is_picture_name(const fs::path& path) {
  std::string extension = lower(path.extension().string());
  if (extension.empty()) return false;
  extension.erase(0, 1);
  const std::vector<std::string>& known = image_extensions();
  return std::find(known.begin(), known.end(), extension) != known.end();
}

// What a folder holds.
struct FolderContent {
  std::vector<fs::path> pictures;  // from the folder
  int others = 0;                  // files that are no pictures, or hidden
  int folders = 0;                 // below it, that are not entered
  std::string error;
};

// With `recursive`: of the folders below it, too, but for hidden ones.
FolderContent content_of(const fs::path& folder, bool recursive) {
  FolderContent content;
  std::error_code error;
  const auto is_hidden = [](const fs::path& path) {
    return path.filename().string().starts_with('.');
  };
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path& path = it->path();
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (!recursive && !is_hidden(path)) ++content.folders;
      if (!recursive || is_hidden(path)) it.disable_recursion_pending();
    } else if (is_own_output(path)) {
      continue;
    } else if (!is_hidden(path) && it->is_regular_file(ignored) && is_picture_name(path)) {
      content.pictures.push_back(path.lexically_relative(folder));
    } else {
      ++content.others;
    }
  }
  if (error)
    content.error = fmt::format("cannot read folder '{}': {}", folder.string(), error.message());
  std::sort(content.pictures.begin(), content.pictures.end());
  return content;
}

void say_what_is_left(const std::string& folder, const FolderContent& content,
                      const NoticeSink& notices) {
  if (content.others > 0)
    notify(notices,
           fmt::format("{}: {} file{} passed over, hidden or no picture{}", folder, content.others,
                       content.others == 1 ? "" : "s", content.others == 1 ? "" : "s"));
  if (content.folders > 0)
    notify(notices,
           fmt::format("{}: {} not entered (--recursive enters them)", folder,
                       content.folders == 1
                           ? "1 folder lies below it and is"
                           : fmt::format("{} folders lie below it and are", content.folders)));
}

// The pictures in a folder, by name.
std::vector<PlannedImage> images_in(const std::string& folder, bool recursive,
                                    const NoticeSink& notices) {
  const FolderContent content = content_of(folder, recursive);
  if (!content.error.empty()) return {{folder, "", content.error}};
  if (content.pictures.empty())
    return {
        {folder, "",
         fmt::format("no picture in folder '{}'{}", folder,
                     content.folders == 0 ? "" : "; --recursive looks into the folders below it")}};
  say_what_is_left(folder, content, notices);
  std::vector<PlannedImage> images;
  for (const fs::path& picture : content.pictures)
    images.push_back({(fs::path(folder) / picture).string(), picture.parent_path().string(), ""});
  return images;
}

std::string output_name(const std::string& name, const JobSpec& spec) {
  return fmt::format("{}.{}.{}", name, spec.kind == JobKind::sweep ? "sweep" : "dream",
                     spec.output.format.empty() ? "png" : spec.output.format);
}

// A folder, however it is written; several pictures go nowhere else.
bool means_folder(const OutputSpec& output, bool several) {
  if (output.path.empty() || output.path == "-") return false;
  return is_folder(output.path) || output.path.ends_with('/') ||
         (several && fs::path(output.path).extension().empty());
}

// Every picture that the inputs name, folders opened; `several` unless there can be only one. The
// output is the folder below an input folder in which the picture lies.
std::vector<PlannedImage> named_images(const JobSpec& spec, bool& several,
                                       const NoticeSink& notices) {
  std::vector<PlannedImage> images;
  several = spec.inputs.size() > 1;
  for (const std::string& input : spec.inputs) {
    if (input == "-" || !is_folder(input)) {
      images.push_back({input, "", ""});
      continue;
    }
    several = true;
    for (PlannedImage& image : images_in(input, spec.recursive, notices))
      images.push_back(std::move(image));
  }
  const auto is_standard_input = [](const PlannedImage& image) { return image.input == "-"; };
  if (std::count_if(images.begin(), images.end(), is_standard_input) > 1)
    throw BadJob("standard input '-' is named twice, expected once");
  return images;
}

// Notes what is already known to fail.
void check_images(std::vector<PlannedImage>& images, const OutputSpec& output) {
  std::set<std::string> taken;
  for (PlannedImage& image : images) {
    if (!image.error.empty()) continue;
    try {
      std::error_code ignored;
      if (image.input != "-" && !fs::exists(image.input, ignored))
        throw FileFailure(fmt::format("no file '{}'", image.input));
      if (!taken.insert(image.output).second)
        throw FileFailure(fmt::format(
            "'{}' would be written to '{}', as another input is; rename one, or dream them apart",
            image.input, image.output));
      image.is_there = output.skip_existing && fs::is_regular_file(image.output, ignored);
      if (!image.is_there) check_image_output(image.output, image_form(output));
    } catch (const Error& error) {
      image.error = error.what();
    }
  }
}

bool holds_frames(const CheckpointPaths& paths) {
  std::error_code error;
  for (fs::directory_iterator it(paths.frames, error), end; !error && it != end;
       it.increment(error))
    if (paths.names.number(it->path().filename().string())) return true;
  return false;
}

// Errors: CodecFailure for frames that cannot be written as pictures of that kind; FileFailure when
// there are some already.
void check_frames(const OutputSpec& output, bool replace) {
  const CheckpointPaths paths = checkpoint_paths(output.path, true);
  ImageOptions form = image_form(output);
  form.overwrite = true;
  form.quality = video_form(output).quality;
  check_image_form(paths.frame(0), form);
  if (!replace && holds_frames(paths))
    throw FileFailure(fmt::format(
        "{}: {} already; choose another {}, or replace them with --overwrite", output.path,
        is_numbered_output(output.path) ? "there are such pictures" : "holds frames",
        is_numbered_output(output.path) ? "name" : "folder"));
}

}  // namespace

std::string stem_of(const std::string& input) {
  return input == "-" ? "stdin" : fs::path(input).stem().string();
}

std::string default_video_name(const std::string& input) {
  return (is_picture_sequence(input) ? sequence_stem(input) : stem_of(input)) + ".dream.mp4";
}

std::vector<PlannedImage> planned_images(const JobSpec& spec, const NoticeSink& notices) {
  // Which pictures
  const OutputSpec& output = spec.output;
  bool several = false;
  std::vector<PlannedImage> images = named_images(spec, several, notices);
  if (spec.kind == JobKind::sweep && several)
    throw BadJob("--sweep takes one picture, not several or a folder");

  // Where to
  const bool to_folder = means_folder(output, several);
  if (several && !to_folder && !output.path.empty())
    throw BadJob(
        fmt::format("-o '{}' is one file, but there are several pictures; name a folder: -o {}/",
                    output.path, fs::path(output.path).stem().string()));
  std::set<std::string> taken;
  for (PlannedImage& image : images) {
    const bool to_standard_output = image.input == "-" && !several && spec.kind != JobKind::sweep;
    if (!to_folder && !output.path.empty()) {
      image.output = output.path;
      continue;
    }
    if (!to_folder && to_standard_output) {
      image.output = "-";
      continue;
    }
    const fs::path folder = to_folder ? fs::path(output.path) / image.output : fs::path();
    if (!folder.empty() && image.error.empty()) make_folder(folder);
    image.output = (folder / output_name(stem_of(image.input), spec)).string();
    if (!taken.insert(image.output).second)
      image.output =
          (folder / output_name(fs::path(image.input).filename().string(), spec)).string();
    taken.insert(image.output);
  }
  check_images(images, output);
  return images;
}

ImageOptions image_form(const OutputSpec& output) {
  ImageOptions options;
  options.format = output.format;
  if (output.format.empty() && output.path == "-") options.format = "png";
  options.bits = output.bits.value_or(options.bits);
  options.quality = output.quality.value_or(options.quality);
  options.overwrite = output.overwrite;
  return options;
}

VideoOptions video_form(const OutputSpec& output) {
  VideoOptions options;
  options.quality = output.quality.value_or(options.quality);
  for (const auto& [name, codec] : video_codec_names)
    if (output.codec == name) options.codec = codec;
  options.bits = output.bits.value_or(options.codec == VideoCodec::prores ? 10 : options.bits);
  return options;
}

bool is_frame_folder(const std::string& path) {
  return path.ends_with('/') || is_folder(path) || fs::path(path).extension().empty() ||
         is_numbered_output(path);
}

void check_preview(const OutputSpec& output, bool replace) {
  if (output.preview.empty()) return;
  ImageOptions options;
  options.overwrite = replace;
  check_image_output(output.preview, options);
}

StateKeeping state_keeping(const OutputSpec& output) {
  if (output.keep_state == "no") return StateKeeping::no;
  return output.keep_state == "yes" ? StateKeeping::yes : StateKeeping::automatic;
}

void check_video_output(const OutputSpec& output, bool is_zoom) {
  const bool is_folder = is_frame_folder(output.path);
  remove_finished_checkpoint(output.path, is_folder);
  // A checkpoint allows a video to be finished, and a state to go on; whether they are of this one,
  // they tell
  std::error_code ignored;
  const bool replace = output.overwrite || has_checkpoint(output.path) ||
                       (is_zoom && fs::exists(zoom_state_path(output.path), ignored));
  if (!is_folder) {
    VideoOptions options = video_form(output);
    options.overwrite = replace;
    check_video_output(output.path, options);
  } else {
    check_frames(output, replace);
  }
  check_preview(output, replace);
}

}  // namespace reverie
