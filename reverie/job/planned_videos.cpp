#include "reverie/job/planned_videos.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "reverie/base/file/atomic_file.h"
#include "reverie/base/text.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/sequence/numbered_name.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/job/outputs.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

bool is_still(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  const std::vector<std::string>& known = image_extensions();
  return extension.size() > 1 && extension != ".gif" && extension != ".webp" &&
         std::find(known.begin(), known.end(), extension.substr(1)) != known.end();
}

struct Content {
  std::vector<std::string> videos;
  int others = 0;
  bool holds_pictures = false;
};

Content content_of(const fs::path& folder) {
  Content content;
  std::error_code error, ignored;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    const bool is_dream = path.stem().extension() == ".dream";
    if (it->is_directory(ignored) || is_dream) continue;
    const bool is_hidden = path.filename().string().starts_with('.');
    if (!is_hidden && is_named_as_video(path))
      content.videos.push_back(path.string());
    else
      ++content.others;
    content.holds_pictures = content.holds_pictures || (!is_hidden && is_still(path));
  }
  std::sort(content.videos.begin(), content.videos.end(), comes_before);
  return content;
}

// A folder of pictures is a video itself; one of videos is opened.
std::vector<std::string> opened(const std::string& input, const NoticeSink& notices) {
  std::error_code ignored;
  if (!fs::is_directory(input, ignored)) return {input};
  Content content = content_of(input);
  if (content.holds_pictures || content.videos.empty()) return {input};
  if (content.others > 0)
    notify(notices, fmt::format("'{}': {} file{} passed over, hidden or no video", input,
                                content.others, content.others == 1 ? "" : "s"));
  return std::move(content.videos);
}

// A shell that was not kept from it has opened 'frame_*.png'. Errors: BadJob.
void check_stills(const std::vector<std::string>& inputs) {
  const auto stills = std::count_if(inputs.begin(), inputs.end(), [](const std::string& input) {
    return !is_picture_sequence(input) && is_still(input);
  });
  if (stills > 1)
    throw BadJob(
        fmt::format("{} of the videos are pictures, such as '{}'; pictures that are one "
                    "video are named as '*{}' in quotes, or by their folder",
                    stills, inputs.front(), fs::path(inputs.front()).extension().string()));
}

// The output of the video that is called `stem`.
std::string output_path(const std::string& path, const std::string& stem) {
  if (const std::size_t star = path.find('*'); star != std::string::npos)
    return path.substr(0, star) + stem + path.substr(star + 1);
  return (fs::path(path) / (stem + ".dream.mp4")).string();
}

}  // namespace

std::vector<PlannedVideo> planned_videos(const JobSpec& spec, const NoticeSink& notices) {
  std::vector<std::string> inputs;
  for (const std::string& input : spec.inputs)
    for (std::string& one : opened(input, notices)) inputs.push_back(std::move(one));
  const std::string& path = spec.output.path;
  const bool has_star = path.find('*') != std::string::npos;
  if (inputs.size() == 1 && !has_star) {
    OutputSpec output = spec.output;
    if (path.empty()) output.path = default_video_name(inputs[0]);
    return {{inputs[0], output}};
  }
  check_stills(inputs);
  if (!path.empty() && !has_star && (!is_frame_folder(path) || is_numbered_output(path)))
    throw BadJob(
        fmt::format("-o '{}' is one video, but there are several; name a folder, or put a "
                    "'*' where their names go: -o '*.dream{}'",
                    path, fs::path(path).extension().string()));
  if (!spec.output.preview.empty())
    throw BadJob("--preview shows one video, but there are several; leave it out");
  std::vector<PlannedVideo> videos;
  std::set<std::string> taken;
  for (const std::string& input : inputs) {
    PlannedVideo video{input, spec.output};
    video.output.path =
        output_path(path, is_picture_sequence(input) ? sequence_stem(input) : stem_of(input));
    if (taken.count(video.output.path) > 0)
      video.output.path = output_path(path, fs::path(input).filename().string());
    if (!taken.insert(video.output.path).second)
      throw BadJob(
          fmt::format("'{}' would be written to '{}', as another video is; rename one, or "
                      "dream them apart",
                      input, video.output.path));
    if (const fs::path folder = fs::path(video.output.path).parent_path(); !folder.empty())
      make_folder(folder);
    videos.push_back(std::move(video));
  }
  return videos;
}

}  // namespace reverie
