#include "apps/cli/zooming.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/zoom.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

// One video in the making.
class ZoomVideo {
 public:
  ZoomVideo(ZoomTask task, Session& session)
      : task_(std::move(task)), session_(session), terminal_(session.terminal) {
    Network network = open_network_of(task_.recipe, task_.network, terminal_.notices());
    document_ =
        document_of(task_, network, task_.settings.wander > 0, task_.source.identity, terminal_);
    document_.zoom = task_.settings;
    ZoomSettings found = task_.settings;
    found.timeline = task_.found_timeline;
    zoom_ = std::make_unique<Zoom>(std::move(network), task_.found, found, task_.source.frame,
                                   task_.machine.chosen_device(), terminal_.notices(),
                                   document_.tiling.plan_memory);
    // A loop mixes frames at the end, so its folder is filled only then
    const bool straight = task_.output.is_folder() && task_.settings.loop == 0;
    parts_ = std::make_unique<Checkpoint>(checkpoint_paths(task_.output.path, straight), document_,
                                          task_.output.overwrite);
    resumed_ = parts_->frames();
    if (resumed_ > 0)
      terminal_.say(fmt::format("going on after {} frames that are finished", resumed_));
  }

  int make() {
    const auto begin = std::chrono::steady_clock::now();
    const int wanted = task_.settings.frames + task_.settings.loop;
    while (parts_->frames() < wanted && !session_.cancel.cancelled()) {
      next_frame();
      const int made = parts_->frames() - resumed_;
      const double pace = made / seconds_since(begin);
      terminal_.progress(VideoStatus{task_.output.path, parts_->frames(), wanted, pace,
                                     (wanted - parts_->frames()) / pace});
    }
    terminal_.end_progress();
    const bool complete = parts_->frames() >= wanted;
    const int frames = std::min(parts_->frames(), task_.settings.frames);
    write_video(frames, complete);
    if (complete) parts_->remove_state();
    report(frames, complete, seconds_since(begin));
    return complete ? done : interrupted;
  }

 private:
  void next_frame() {
    if (parts_->frames() == 0) {
      parts_->canvas() = Tensor::copy_of(zoom_->first());
    } else {
      DreamControl control;
      control.notices = parts_->frames() - resumed_ < 2 ? terminal_.notices() : NoticeSink();
      zoom_->advance(parts_->canvas(), parts_->frames(), control);
    }
    parts_->finish_frame();
    show_preview();
  }

  void show_preview() const {
    constexpr int every = 5;  // frames
    if (task_.output.preview.empty() || parts_->frames() % every != 1) return;
    ImageOptions options;
    options.overwrite = true;
    Image frame;
    frame.color = parts_->canvas().clone();
    write_image(task_.output.preview, frame, options);
  }

  // A frame of the finished video; in a loop the first ones come out of those past the end.
  Image final_frame(int frame, bool complete) const {
    Image picture = parts_->read(frame);
    const double share = complete ? loop_share(task_.settings, frame) : 0;
    if (share == 0) return picture;
    const Image beyond = parts_->read(task_.settings.frames + frame);
    for (std::int64_t i = 0; i < picture.color.size(); ++i)
      picture.color[i] += static_cast<float>(share) * (beyond.color[i] - picture.color[i]);
    return picture;
  }

  void write_video(int frames, bool complete) const {
    if (task_.output.is_folder()) {
      if (task_.settings.loop > 0 && complete) write_folder(frames);
      return;
    }
    VideoOptions options = task_.output.form();
    options.fps = task_.settings.fps;
    options.recipe = document_to_json(document_, -1);
    options.overwrite = true;
    const Shape& shape = zoom_->first().shape();
    const fs::path path(task_.output.path);
    const fs::path unnamed = parts_->video_path(path.extension().string());
    VideoWriter video(unnamed, shape.width(), shape.height(), options, terminal_.notices());
    for (int frame = 0; frame < frames; ++frame) video.add(final_frame(frame, complete));
    video.finish();
    replace_file(unnamed, path);
  }

  void write_folder(int frames) const {
    fs::create_directories(task_.output.path);
    ImageOptions options;
    options.overwrite = true;
    options.recipe = document_to_json(document_, -1);
    for (int frame = 0; frame < frames; ++frame)
      write_image(fs::path(task_.output.path) / parts_->frame_path(frame).filename(),
                  final_frame(frame, true), options);
  }

  void report(int frames, bool complete, double seconds) const {
    const Shape& shape = zoom_->first().shape();
    if (terminal_.json)
      terminal_.print(Json{{"output", task_.output.path},
                           {"frames", frames},
                           {"resumed", resumed_},
                           {"width", shape.width()},
                           {"height", shape.height()},
                           {"fps", task_.settings.fps},
                           {"seconds", seconds},
                           {"cancelled", !complete}});
    if (complete)
      terminal_.say(fmt::format("{}: {} frames of {}x{}, {}", task_.output.path, frames,
                                shape.width(), shape.height(), duration_text(seconds)));
    else
      terminal_.say(fmt::format("interrupted; {} frames kept in '{}', and the same command goes on",
                                frames, task_.output.path));
  }

  ZoomTask task_;
  Session& session_;
  Terminal& terminal_;
  DreamDocument document_;
  std::unique_ptr<Zoom> zoom_;
  std::unique_ptr<Checkpoint> parts_;
  int resumed_ = 0;  // frames that were there
};

}  // namespace

int make_zoom(ZoomTask task, Session& session) {
  return ZoomVideo(std::move(task), session).make();
}

}  // namespace reverie::cli
