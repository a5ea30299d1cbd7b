#include "reverie/video/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

constexpr const char* document_name = "film.json";
// Its name once the video is whole and only the removal of its parts is left.
constexpr const char* finished_name = "finished.json";
// The state of the finished zoom that is gone on from.
constexpr const char* base_name = "base.state";

const NumberedName canvas_names{"canvas_", 6, ".npy"};

template <class Use>
void for_each_numbered(const fs::path& folder, const NumberedName& names, Use use) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto number = names.number(it->path().filename().string())) use(it->path(), *number);
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error)
    throw FileFailure(fmt::format("cannot remove '{}': {}", path.string(), error.message()));
}

// What frames do not depend on is made equal.
DreamDocument with_length_of(DreamDocument document, const DreamDocument& other) {
  if (document.zoom && other.zoom) {
    document.zoom->frames = other.zoom->frames;
    if (!depends_on_time(document.zoom->timeline)) document.zoom->fps = other.zoom->fps;
    document.zoom->loop = other.zoom->loop;
    document.zoom->loop_style = other.zoom->loop_style;
    document.zoom->palindrome = other.zoom->palindrome;
    // The sound's file is compared by what is in it, where frames depend on it
    document.zoom->timeline.sound = other.zoom->timeline.sound;
  }
  if (document.video && other.video) {
    document.video->end = other.video->end;
    document.video->timeline.sound = other.video->timeline.sound;
    if (!depends_on_time(document.video->timeline)) document.video->fps = other.video->fps;
  }
  return document;
}

// Whether frames of one zoom belong to its end, and the other's end is elsewhere.
bool has_other_end(const DreamDocument& there, const DreamDocument& here) {
  if (!there.zoom || !here.zoom) return false;
  const int plain = plain_frames(*there.zoom), plain_here = plain_frames(*here.zoom);
  const bool is_bent = plain < there.zoom->frames || plain_here < here.zoom->frames;
  return is_bent && (plain != plain_here || there.zoom->frames != here.zoom->frames);
}

// Removes what a finished video leaves.
void sweep(const CheckpointPaths& place) {
  const auto remove = [](const fs::path& path, int) { remove_file(path); };
  for_each_numbered(place.state, canvas_names, remove);
  if (place.frames == place.state) for_each_numbered(place.frames, place.names, remove);
  for (const std::string& extension : video_extensions())
    for_each_numbered(place.state, {"stretch_", 6, "." + extension}, remove);
  remove_file(place.state / base_name);
  remove_file(place.state / finished_name);
  remove_file(place.state / "lock");
  // Only when nothing of anybody else is in it
  std::error_code ignored;
  fs::remove(place.state, ignored);
}

}  // namespace

CheckpointPaths checkpoint_paths(const fs::path& output, bool is_folder) {
  fs::path whole = output;
  if (!whole.has_filename()) whole = whole.parent_path();
  fs::path state = whole;
  state += ".parts";
  CheckpointPaths paths{state, is_folder ? whole : state};
  if (is_folder && is_numbered_output(whole)) {
    paths.frames = whole.has_parent_path() ? whole.parent_path() : fs::path(".");
    paths.names = *parse_numbered_name(whole.filename().string());
  }
  return paths;
}

bool has_checkpoint(const fs::path& output) {
  std::error_code ignored;
  return fs::exists(checkpoint_paths(output, false).state / document_name, ignored);
}

std::optional<DreamDocument::UsedTiles> checkpoint_tiling(const fs::path& output,
                                                          const DreamDocument& document) {
  const fs::path path = checkpoint_paths(output, false).state / document_name;
  if (!has_checkpoint(output)) return std::nullopt;
  try {
    DreamDocument there = document_from_json(read_file(path), path.string());
    const DreamDocument::UsedTiles tiling = there.tiling;
    there.tiling = document.tiling;
    if (tiling.plan_memory > 0 && frames_difference(there, document).empty()) return tiling;
  } catch (const BadRecipe&) {
    // Damaged, which the Checkpoint itself says
  }
  return std::nullopt;
}

std::string frames_difference(const DreamDocument& there, const DreamDocument& here) {
  return first_difference(with_length_of(there, here), here);
}

void remove_finished_checkpoint(const fs::path& output, bool is_folder) {
  const CheckpointPaths place = checkpoint_paths(output, is_folder);
  std::error_code ignored;
  if (fs::exists(place.state / finished_name, ignored)) sweep(place);
}

Checkpoint::Checkpoint(const CheckpointPaths& place, const DreamDocument& document, bool overwrite,
                       const ZoomState* grown)
    : place_(place), document_(document) {
  make_folder(place_.state);
  lock_.emplace(place_.state);
  remove_abandoned_files(place_.state);
  remove_abandoned_files(place_.frames);
  if (fs::exists(document_path()))
    resume(overwrite);
  else
    begin(grown);
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

FileLock::FileLock(const fs::path& folder)
    : file_(::open((folder / "lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
  if (file_ < 0)
    throw FileFailure(
        fmt::format("cannot write in '{}': {}", folder.string(), std::strerror(errno)));
  // Some file systems have no locks; there nothing keeps two programs apart
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(std::exchange(file_, -1));
    throw FileFailure(fmt::format("'{}': another process is making this video; wait until it ends",
                                  folder.string()));
  }
}

void Checkpoint::resume(bool overwrite) {
  const std::string name = document_path().string();
  std::string difference;
  DreamDocument there;
  try {
    there = document_from_json(read_file(document_path()), name);
    difference = frames_difference(there, document_);
    if (difference.empty() && frame_bits(there) != frame_bits(document_))
      difference = fmt::format("its frames have {} bits there and {} here", frame_bits(there),
                               frame_bits(document_));
  } catch (const BadRecipe& error) {
    difference = error.what();
  }
  if (difference.empty()) return go_on(there);
  if (!overwrite)
    throw BadRecipe(
        fmt::format("'{}' holds the frames of another dream ({}); choose another output, or start "
                    "again with --overwrite",
                    place_.state.string(), difference));
  begin(nullptr);
}

void Checkpoint::go_on(const DreamDocument& there) {
  if (has_other_end(there, document_)) {
    // What was dreamed towards the old end goes; the canvas before it is kept
    const auto remove_end = [&](const fs::path& path, int number) {
      if (number >= plain_frames(*there.zoom)) remove_file(path);
    };
    for_each_numbered(place_.state, canvas_names, remove_end);
    for_each_numbered(place_.frames, place_.names, remove_end);
  }
  find_canvas();
  if (has_other_end(there, document_) && frames_ > plain_frames(*document_.zoom))
    throw BadRecipe(
        fmt::format("'{}' holds {} frames, and this loop's end would begin after frame {}; choose "
                    "{} frames or more, or start again with --overwrite",
                    place_.state.string(), frames_, plain_frames(*document_.zoom),
                    frames_ + document_.zoom->loop));
  const std::string text = document_to_json(document_) + "\n";
  if (text != read_file(document_path())) write_atomically(document_path(), text, true);
}

void Checkpoint::begin(const ZoomState* grown) {
  // What an earlier video left goes first, and the document comes last: it says that all else is
  // its
  const auto remove = [](const fs::path& path, int) { remove_file(path); };
  remove_file(document_path());
  for_each_numbered(place_.state, canvas_names, remove);
  remove_file(base_path());
  make_folder(place_.frames);
  const int kept = grown != nullptr && frames_are_output() ? grown->frames : 0;
  for_each_numbered(place_.frames, place_.names, [&](const fs::path& path, int number) {
    if (number >= kept) remove_file(path);
  });
  if (grown != nullptr) go_on_from(*grown);
  write_atomically(document_path(), document_to_json(document_) + "\n", true);
}

void Checkpoint::go_on_from(const ZoomState& grown) {
  base_ = ZoomState{grown.document, grown.frames, grown.forward, grown.backward, {}};
  write_zoom_state(base_path(), *base_);
  frames_ = grown.frames;
  canvas_ = grown.canvas.clone();
  write_npy(canvas_path(frames_ - 1), canvas_);
  if (frames_are_output()) return;
  Image last;
  last.color = canvas_.clone();
  replace(frames_ - 1, last);
}

// The last canvas whose frame is there too.
void Checkpoint::find_canvas() {
  if (fs::exists(base_path())) base_ = read_zoom_state(base_path());
  int last = -1;
  for_each_numbered(place_.state, canvas_names, [&](const fs::path&, int number) {
    if (number > last && fs::exists(frame_path(number))) last = number;
  });
  for (int frame = base_ && !frames_are_output() ? base_->frames - 1 : 0; frame <= last; ++frame)
    if (!fs::exists(frame_path(frame)))
      throw FileFailure(
          fmt::format("'{}' is missing; remove '{}', then start again with --overwrite",
                      frame_path(frame).string(), place_.state.string()));
  if (last < 0) return;
  canvas_ = read_npy(canvas_path(last));
  frames_ = last + 1;
}

Image Checkpoint::finish_frame(Tensor alpha) {
  Image picture;
  picture.color = canvas_.clone();
  picture.alpha = std::move(alpha);
  // A zoom that grows goes on where the end of this one begins
  const bool is_kept = document_.zoom && frames_ == plain_frames(*document_.zoom);
  replace(frames_, picture);
  write_npy(canvas_path(frames_), canvas_);
  if (frames_ > 0 && !is_kept) remove_file(canvas_path(frames_ - 1));
  ++frames_;
  return picture;
}

Image Checkpoint::read(int frame) const { return read_image(frame_path(frame)); }

void Checkpoint::replace(int frame, const Image& picture) const {
  ImageOptions options;
  options.overwrite = true;
  options.bits = frame_bits(document_);
  options.pixel_width = place_.pixel_width;
  options.pixel_height = place_.pixel_height;
  if (frames_are_output()) {
    options.recipe = document_to_json(document_, -1);
    options.quality = document_.output.quality;
  }
  write_image(frame_path(frame), picture, options);
}

std::optional<Tensor> Checkpoint::canvas_of(int frame) const {
  const fs::path path = canvas_path(frame);
  if (frame < 0 || !fs::exists(path)) return std::nullopt;
  return read_npy(path);
}

fs::path Checkpoint::base_path() const { return place_.state / base_name; }

fs::path Checkpoint::stretch_path(int number, const std::string& extension) const {
  return place_.state / fmt::format("stretch_{:06}{}", number, extension);
}

fs::path Checkpoint::document_path() const { return place_.state / document_name; }

fs::path Checkpoint::frame_path(int frame) const { return place_.frame(frame); }

fs::path Checkpoint::canvas_path(int frame) const {
  return place_.state / canvas_names.name(frame);
}

// Frames that a video is made of are kept at the depth that its encoder gets.
int Checkpoint::frame_bits(const DreamDocument& document) const {
  if (document.output.bits <= 8) return 8;
  return frames_are_output() ? document.output.bits : 16;
}

void Checkpoint::remove_state() {
  // At once, so that a program that is killed here does not leave half a video to go on with
  std::error_code error;
  fs::rename(document_path(), place_.state / finished_name, error);
  if (error)
    throw FileFailure(
        fmt::format("cannot remove '{}': {}", document_path().string(), error.message()));
  sweep(place_);
}

}  // namespace reverie
