#include "apps/cli/recursive_film.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/video/recursive_zoom.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

constexpr int opencv_quality = 95, pillow_quality = 75;

// The pixels of --zoom; the program knows whole ones only. Errors: UsageError.
int crop_px(const ZoomStep& zoom) {
  const int px = static_cast<int>(zoom.value);
  if (zoom.unit != ZoomStep::Unit::px || px != zoom.value || px < 0)
    throw UsageError(
        fmt::format("--zoom is '{}'; a faithful recursive zoom takes a whole number of pixels",
                    to_string(zoom)));
  return px;
}

// Errors: UsageError for what the program cannot do.
void check_settings(const ZoomSettings& settings) {
  ZoomSettings plain;
  plain.frames = settings.frames;
  plain.fps = settings.fps;
  plain.camera.zoom = settings.camera.zoom;
  if (settings != plain)
    throw UsageError(
        "a faithful recursive zoom has --frames, --fps and --zoom; leave the other settings of a "
        "zoom out, or leave --faithful out");
}

class RecursiveVideo {
 public:
  RecursiveVideo(const ZoomTask& task, const std::string& name, Session& session)
      : task_(task), session_(session), folder_(fs::path("dream") / name), output_(task.output) {
    if (output_.path.empty()) output_.path = name + ".avi";
    VideoOptions options;
    options.overwrite = output_.overwrite;
    check_video_output(output_.path, options);
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error)
      throw FileFailure(
          fmt::format("cannot make folder '{}': {}", folder_.string(), error.message()));
  }

  int make() {
    Terminal& terminal = session_.terminal;
    Network network = open_network_of(task_.recipe, task_.network, terminal.notices());
    RecursiveZoom zoom(std::move(network), task_.recipe, crop_px(task_.settings.camera.zoom),
                       task_.machine.chosen_device(), terminal.notices());
    if (!fs::exists(frame_path(0))) {
      Image first = sized_for_dream(task_.source.frame, task_.recipe.size);
      write_frame(0, first, opencv_quality);
    }
    const auto begin = std::chrono::steady_clock::now();
    const int frames = task_.settings.frames;
    int made = 0, last = 0;
    for (int number = 1; number <= frames && !session_.cancel.cancelled(); ++number) {
      last = number;
      if (fs::exists(frame_path(number))) continue;
      const Image frame = zoom.next(read_image(frame_path(number - 1)), number, {});
      write_frame(number, frame, pillow_quality);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
      const double pace = ++made / spent.count();
      terminal.progress(
          VideoStatus{folder_.string(), number, frames, pace, (frames - number) / pace});
    }
    terminal.end_progress();
    write_video(last);
    const bool complete = last == frames;
    if (terminal.json)
      terminal.print(Json{{"output", output_.path},
                          {"folder", folder_.string()},
                          {"frames", last + 1},
                          {"made", made},
                          {"cancelled", !complete}});
    terminal.say(fmt::format("{}: {} frames, {} of them made now, in '{}'", output_.path, last + 1,
                             made, folder_.string()));
    return complete ? done : interrupted;
  }

 private:
  fs::path frame_path(int number) const { return folder_ / fmt::format("img_{}.jpg", number); }

  void write_frame(int number, const Image& frame, int quality) const {
    ImageOptions options;
    options.quality = quality;
    write_image(frame_path(number), frame, options);
  }

  // Of the frames 0 to `last`, none left out.
  void write_video(int last) const {
    VideoOptions options;
    options.fps = task_.settings.fps;
    options.quality = output_.quality;
    options.overwrite = output_.overwrite;
    const Image first = read_image(frame_path(0));
    VideoWriter video(output_.path, first.width(), first.height(), options,
                      session_.terminal.notices());
    for (int number = 0; number <= last; ++number) video.add(read_image(frame_path(number)));
    video.finish();
  }

  const ZoomTask& task_;
  Session& session_;
  fs::path folder_;
  VideoOutput output_;
};

}  // namespace

int make_recursive_video(const ZoomTask& task, const std::string& name, Session& session) {
  check_settings(task.settings);
  crop_px(task.settings.camera.zoom);
  return RecursiveVideo(task, name, session).make();
}

}  // namespace reverie::cli
