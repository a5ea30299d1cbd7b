#include "reverie/video/zoom_film.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/video/zoom.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// The pictures of a palindrome's way back, at the end of the video: frames-2 to 1.
VideoPart way_back(const fs::path& video, int frames) {
  const int count = frames - 2;
  return {video, count_pictures(video) - count, count};
}

}  // namespace

void check_pictures(const ZoomState& state, const fs::path& video) {
  std::string wrong;
  try {
    if (checksum_of({video, 0, state.frames}) != state.forward ||
        (!state.backward.empty() && checksum_of(way_back(video, state.frames)) != state.backward))
      wrong = "other pictures";
  } catch (const Error& error) {
    wrong = error.what();
  }
  if (!wrong.empty())
    throw BadRecipe(
        fmt::format("'{}' does not hold the frames that are to go on ({}); bring it back, choose "
                    "another output, or start again with --overwrite",
                    video.string(), wrong));
}

ZoomFilm::ZoomFilm(const VideoTarget& target, const ZoomSettings& settings,
                   const Checkpoint& checkpoint, const Shape& frame, const NoticeSink& notices)
    : target_(target),
      settings_(settings),
      checkpoint_(checkpoint),
      frame_(frame),
      notices_(notices) {}

void ZoomFilm::check() const {
  VideoOutput(checkpoint_, target_.output, frame_.width(), frame_.height(), form(), {});
  if (!checkpoint_.base()) return;
  check_pictures(*checkpoint_.base(), target_.output);
  // One picture more is encoded now: another FFmpeg may write another header
  join({{known() - 1, known() - 1}}, {{target_.output, 0, 1}}, {}, false);
}

int ZoomFilm::known() const { return checkpoint_.base() ? checkpoint_.base()->frames : 0; }

std::vector<ZoomFilm::Stretch> ZoomFilm::stretches(int frames, bool complete) const {
  std::vector<Stretch> list;
  const int plain = complete ? plain_frames(settings_) : frames;
  if (plain > known()) list.push_back({known(), plain - 1});
  if (frames > plain) list.push_back({plain, frames - 1});
  const int back = std::max(known() - 1, 1);
  if (settings_.palindrome && frames - 2 >= back) list.push_back({frames - 2, back});
  return list;
}

void ZoomFilm::write(int frames, bool complete) const {
  const std::vector<Stretch> list = stretches(frames, complete);
  if (list.size() > 1 || checkpoint_.base()) {
    std::vector<VideoPart> before, after;
    if (known() > 0) before.push_back({target_.output, 0, known()});
    if (known() > 2 && settings_.palindrome) after.push_back(way_back(target_.output, known()));
    return join(list, before, after, true);
  }
  VideoOutput video(checkpoint_, target_.output, frame_.width(), frame_.height(), form(), notices_);
  for (const Stretch& stretch : list)
    for (int frame = stretch.first; frame <= stretch.last; ++frame)
      video.add(final_frame(frame, complete));
  video.finish(true);
}

void ZoomFilm::join(const std::vector<Stretch>& list, std::vector<VideoPart> before,
                    const std::vector<VideoPart>& after, bool is_output) const {
  const std::string extension = target_.output.extension().string();
  std::vector<fs::path> encoded;
  for (std::size_t i = 0; i < list.size(); ++i) {
    before.push_back(encode(list[i], static_cast<int>(i)));
    encoded.push_back(before.back().video);
  }
  before.insert(before.end(), after.begin(), after.end());

  VideoOptions options = form();
  options.overwrite = true;
  options.shown_path = target_.output;
  const fs::path joined = checkpoint_.video_path(extension);
  if (!is_output) options.remux = {};
  join_videos(joined, before, options, notices_);
  if (is_output)
    replace_file(joined, target_.output);
  else
    encoded.push_back(joined);
  std::error_code ignored;
  for (const fs::path& path : encoded) fs::remove(path, ignored);
}

VideoPart ZoomFilm::encode(const Stretch& stretch, int number) const {
  VideoOptions options = form();
  options.remux = options.music = {};
  options.recipe.clear();
  options.overwrite = true;
  options.shown_path = target_.output;
  const fs::path path = checkpoint_.stretch_path(number, target_.output.extension().string());
  // What the first says, the others need not
  VideoWriter video(path, frame_.width(), frame_.height(), options,
                    number == 0 ? notices_ : NoticeSink());
  const int step = stretch.last < stretch.first ? -1 : 1;
  int count = 0;
  for (int frame = stretch.first; frame != stretch.last + step; frame += step, ++count)
    video.add(checkpoint_.read(frame));
  video.finish();
  return {path, 0, count};
}

// A frame of the finished video; in a loop that dissolves the first ones come out of those past
// the end.
Image ZoomFilm::final_frame(int frame, bool complete) const {
  Image picture = checkpoint_.read(frame);
  const double weight = complete ? dissolve_weight(settings_, frame) : 0;
  if (weight == 0) return picture;
  const Image beyond = checkpoint_.read(settings_.frames + frame);
  for (std::int64_t i = 0; i < picture.color.size(); ++i)
    picture.color[i] += static_cast<float>(weight) * (beyond.color[i] - picture.color[i]);
  return picture;
}

VideoOptions ZoomFilm::form() const {
  VideoOptions form = target_.form;
  form.fps = settings_.fps;
  return form;
}

void ZoomFilm::note_pictures(ZoomState& state) const {
  const fs::path& video = target_.output;
  if (count_pictures(video) != frames_to_show(settings_)) return;
  state.forward = checksum_of({video, 0, state.frames});
  if (settings_.palindrome && state.frames > 2)
    state.backward = checksum_of(way_back(video, state.frames));
}

}  // namespace reverie
