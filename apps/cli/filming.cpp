#include "apps/cli/filming.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>

#include "apps/cli/source_file.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/video_pipeline.h"

namespace reverie::cli {
namespace {

class VideoJob {
 public:
  VideoJob(VideoTask task, Session& session)
      : task_(std::move(task)),
        session_(session),
        terminal_(session.terminal),
        // Three threads have something to say
        notices_([this, sink = terminal_.notices()](const std::string& text) {
          const std::lock_guard lock(speech_);
          sink(text);
        }),
        source_(task_.video, task_.settings, task_.found.size, notices_) {}

  int make() {
    // Know what is dreamed, and what of it is there
    Network network = open_network_of(task_.recipe, task_.network, notices_);
    const VideoInfo& info = source_.info();
    DreamDocument::Picture identity = video_identity(task_.video, info.width, info.height);
    if (!task_.name.empty()) identity.name = task_.name;
    DreamDocument document =
        document_of(task_, network, task_.settings.wander > 0, identity, terminal_);
    document.video = task_.settings;
    VideoSettings found = task_.settings;
    found.timeline = task_.found_timeline;
    Video video(std::move(network), task_.found, found, task_.machine.chosen_device(), notices_,
                document.tiling.plan_memory);
    Checkpoint parts(checkpoint_paths(task_.output.path, task_.output.is_folder()), document,
                     task_.output.overwrite);
    resumed_ = parts.frames();
    if (resumed_ > 0)
      terminal_.say(fmt::format("going on after {} frames that are finished", resumed_));

    // Make the rest
    VideoPipelineOptions options;
    options.video = task_.video;
    options.output = task_.output.path;
    options.is_folder = task_.output.is_folder();
    options.form = task_.output.form();
    options.form.recipe = document_to_json(document, -1);
    options.end = task_.settings.end;
    options.measure = task_.report;
    options.preview = task_.output.preview;
    const VideoPipelineResult result =
        VideoPipeline(options, source_, video, parts)
            .make(
                session_.cancel, [this](int frames) { show_progress(frames); }, notices_);
    terminal_.end_progress();
    report(result);
    return result.complete ? done : interrupted;
  }

 private:
  void show_progress(int frames) {
    const std::lock_guard lock(speech_);
    const int wanted = std::max(source_.expected(), frames);
    const double pace = (frames - resumed_) / seconds_since(begin_);
    terminal_.progress(
        VideoStatus{task_.output.path, frames, wanted, pace, (wanted - frames) / pace});
  }

  void report(const VideoPipelineResult& result) {
    const double seconds = seconds_since(begin_);
    if (terminal_.json) {
      Json json{{"output", task_.output.path},
                {"frames", result.frames},
                {"resumed", resumed_},
                {"scenes", result.scenes},
                {"skipped_packets", result.skipped_packets},
                {"seconds", seconds},
                {"cancelled", !result.complete}};
      if (result.measured > 0) {
        json["flicker"] = result.flicker;
        json["source_flicker"] = result.source_flicker;
      }
      terminal_.print(json);
    }
    if (result.skipped_packets > 0)
      terminal_.say(fmt::format("'{}': {} damaged packets were skipped", task_.video,
                                result.skipped_packets));
    if (task_.report && result.measured > 0)
      terminal_.say(
          fmt::format("flicker: {:.2f} of 255 levels from frame to frame, where motion explains "
                      "both (the source: {:.2f}); {} scenes",
                      result.flicker, result.source_flicker, result.scenes));
    if (result.complete)
      terminal_.say(fmt::format("{}: {} frames, {}", task_.output.path, result.frames,
                                duration_text(seconds)));
    else
      terminal_.say(fmt::format("interrupted; {} frames kept in '{}', and the same command goes on",
                                result.frames, task_.output.path));
  }

  VideoTask task_;
  Session& session_;
  Terminal& terminal_;
  std::mutex speech_;
  const NoticeSink notices_;
  VideoSource source_;
  int resumed_ = 0;  // frames that were there
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

int make_video(VideoTask task, Session& session) {
  return VideoJob(std::move(task), session).make();
}

}  // namespace reverie::cli
