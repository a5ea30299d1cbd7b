#include "reverie/job/video_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/job/film_sound.h"
#include "reverie/job/outputs.h"
#include "reverie/job/planned_videos.h"
#include "reverie/job/zoom_growth.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/video_pipeline.h"
#include "reverie/video/zoom_pipeline.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Tells how far a video is, and how long the rest takes at the pace of the frames that were made
// now.
class FrameEvents {
 public:
  FrameEvents(JobContext& context, std::string output, int resumed)
      : context_(context), output_(std::move(output)), resumed_(resumed) {
    if (resumed > 0) context.message(fmt::format("resuming after {} finished frames", resumed));
  }

  void dreamed(int frames, int wanted, ConstView canvas) const {
    JobProgress progress;
    progress.unit = JobProgress::Unit::frame;
    progress.subject = output_;
    progress.done = frames;
    progress.total = wanted;
    progress.fraction = static_cast<double>(frames) / wanted;
    progress.per_second = (frames - resumed_) / seconds();
    progress.seconds_left = (wanted - frames) / progress.per_second;
    context_.events.progress(progress);
    context_.events.preview(progress, canvas);
  }

  double seconds() const { return seconds_since(begin_); }

 private:
  JobContext& context_;
  std::string output_;
  int resumed_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

void note_output(const OutputSpec& output, DreamDocument& document) {
  document.output = {video_form(output).bits, video_form(output).quality};
  if (output.codec != "auto") document.output.codec = output.codec;
}

JobResult finished(JobContext& context, VideoReport report) {
  if (report.cancelled)
    context.message(
        fmt::format("interrupted; {} frames kept in '{}'; run the same command again to go on",
                    report.frames, report.output));
  JobResult result;
  result.inputs = 1;
  result.cancelled = report.cancelled;
  result.videos.push_back(std::move(report));
  return result;
}

// What goes on with an unfinished video uses its tiles. A redo keeps those of its dream.
void take_up_tiling(const DreamSetup& setup, const std::string& output,
                    const std::optional<ZoomState>& finished, DreamDocument& document) {
  if (setup.tiling.plan_memory > 0) return;
  if (finished) document.tiling = finished->document.tiling;
  if (const auto tiling = checkpoint_tiling(output, document)) document.tiling = *tiling;
}

VideoTarget target_of(const OutputSpec& output, const DreamDocument& document) {
  VideoTarget target{output.path, is_frame_folder(output.path), video_form(output), output.preview};
  target.form.recipe = document_to_json(document, -1);
  target.keep_state = state_keeping(output);
  return target;
}

JobResult cancelled_result() {
  JobResult result;
  result.inputs = 1;
  result.cancelled = true;
  return result;
}

// Whether the output can be transparent.
bool can_hold_alpha(const OutputSpec& output) {
  if (!is_frame_folder(output.path))
    return reverie::can_hold_alpha(output.path, video_form(output).codec);
  const std::string extension = lower(checkpoint_paths(output.path, true).names.after);
  return !extension.ends_with(".jpg") && !extension.ends_with(".jpeg");
}

// Errors: FileFailure; BadJob when the video would be written over itself.
void check_input(const std::string& video, const std::string& output) {
  if (video == "-") throw BadJob("a video cannot be read from standard input '-', expected a file");
  std::error_code ignored;
  if (fs::equivalent(video, output, ignored))
    throw BadJob("'" + video + "' is both input and output; name another file with -o");
  if (!is_picture_sequence(video) || !is_frame_folder(output)) return;
  const fs::path frames = checkpoint_paths(output, true).frames;
  for (const fs::path& picture : find_pictures(video))
    if (fs::equivalent(picture.parent_path(), frames, ignored) &&
        checkpoint_paths(output, true).names.number(picture.filename().string()))
      throw BadJob(
          fmt::format("'{}' would be written over; name another output with -o", picture.string()));
}

}  // namespace

JobResult make_zoom(JobContext& context, DreamSetup setup, const ZoomSettings& wanted,
                    const SourcePicture& source, const OutputSpec& output) {
  // Know what is dreamed, and what of it is there
  const FilmSound sound = open_film_sound(context, setup, wanted.timeline, "");
  const ZoomSettings settings = with_frames(wanted, sound);
  tell_of_lengths(context, settings, sound, is_frame_folder(output.path));
  Network network = context.open_network(setup.recipe);
  DreamDocument document = make_document(setup, network, settings.timeline.wander > 0, context);
  document.source = source.identity;
  note_source_path(output, source.path, document.source);
  document.zoom = settings;
  note_sound(output, setup, sound, document);
  note_output(output, document);
  const std::optional<ZoomState> grown = finished_zoom(output);
  take_up_tiling(setup, output.path, grown, document);
  if (grown) check_growth(*grown, document, output.path);
  ZoomSettings found = settings;
  found.timeline.keyframes = setup.found_timeline;
  Zoom zoom(std::move(network), setup.found, found, source.image, context.spec.machine.device,
            context.notices(), context.files, document.tiling.plan_memory, sound.heard());
  VideoTarget target = target_of(output, document);
  target.form.music = sound.music();
  // A loop that dissolves mixes frames at the end, so its folder is filled only then
  const bool frames_are_final = target.is_folder && frames_to_dream(settings) == settings.frames;
  Checkpoint checkpoint(checkpoint_paths(output.path, frames_are_final), document, output.overwrite,
                        grown ? &*grown : nullptr);

  // Make the rest
  VideoReport report;
  report.output = output.path;
  report.resumed = checkpoint.frames();
  report.width = zoom.first().shape().width();
  report.height = zoom.first().shape().height();
  report.fps = settings.fps;
  const FrameEvents events(context, output.path, report.resumed);
  ZoomPipeline pipeline(target, settings, zoom, checkpoint);
  const ZoomPipelineResult made = pipeline.make(
      context.cancel,
      [&](int frames, ConstView canvas) { events.dreamed(frames, pipeline.wanted(), canvas); },
      context.notices());
  report.frames = made.frames;
  report.cancelled = !made.complete;
  report.seconds = events.seconds();
  return finished(context, std::move(report));
}

JobResult make_video(JobContext& context, DreamSetup setup, const VideoSettings& settings,
                     const std::string& source_path, const std::string& name,
                     const OutputSpec& output) {
  // Know what is dreamed, and what of it is there
  const bool is_sequence = is_picture_sequence(source_path);
  if (settings.fps > 0 && !is_sequence)
    throw BadJob(fmt::format("'{}' has its own frame rate; --fps is for numbered pictures alone",
                             source_path));
  const bool can_keep_alpha = can_hold_alpha(output);
  VideoSource source(source_path, settings, setup.found.size, context.notices(), can_keep_alpha);
  const FilmSound sound = open_film_sound(context, setup, settings.timeline, source_path);
  Network network = context.open_network(setup.recipe);
  DreamDocument document = make_document(setup, network, settings.timeline.wander > 0, context);
  document.source = video_identity(source_path, source.info().width, source.info().height);
  note_source_path(output, source_path, document.source);
  if (!name.empty()) document.source.name = name;
  document.video = settings;
  note_sound(output, setup, sound, document);
  note_output(output, document);
  take_up_tiling(setup, output.path, {}, document);
  VideoSettings found = settings;
  found.timeline.keyframes = setup.found_timeline;
  Video video(std::move(network), setup.found, found, context.spec.machine.device,
              context.notices(), context.files, document.tiling.plan_memory, source.info().fps,
              sound.heard());
  VideoPipelineOptions options{target_of(output, document)};
  options.video = source_path;
  options.end = settings.end;
  options.music = sound.music();
  options.sound = sound.file.empty() ? settings.timeline.sound.handling : SoundHandling::none;
  options.keep_alpha = can_keep_alpha;
  options.measure = context.spec.measure_flicker;
  CheckpointPaths paths = checkpoint_paths(output.path, options.is_folder);
  paths.pixel_width = source.info().pixel_width;
  paths.pixel_height = source.info().pixel_height;
  Checkpoint checkpoint(paths, document, output.overwrite);

  // Make the rest
  VideoReport report;
  report.output = output.path;
  report.resumed = checkpoint.frames();
  const FrameEvents events(context, output.path, report.resumed);
  const VideoPipelineResult made =
      VideoPipeline(options, source, video, checkpoint)
          .make(
              context.cancel,
              [&](int frames, ConstView canvas) {
                events.dreamed(frames, std::max(source.expected(), frames), canvas);
              },
              context.notices());
  if (made.skipped_packets > 0)
    context.message(fmt::format("'{}': {} damaged {} were skipped", source_path,
                                made.skipped_packets, is_sequence ? "pictures" : "packets"));
  report.frames = made.frames;
  report.scenes = made.scenes;
  report.skipped_packets = made.skipped_packets;
  report.measured = made.measured;
  report.flicker = made.flicker;
  report.source_flicker = made.source_flicker;
  report.cancelled = !made.complete;
  report.seconds = events.seconds();
  return finished(context, std::move(report));
}

JobResult run_zoom(JobContext& context) {
  const JobSpec& spec = context.spec;
  if (is_faithful_recursion(spec)) return make_recursive_zoom(context);
  OutputSpec output = spec.output;
  if (output.path.empty()) output.path = default_video_name(spec.inputs.at(0));
  check_video_output(output, true);
  SourcePicture source = read_source(spec.inputs.at(0), spec.recipe, context.notices());
  DreamSetup setup = setup_of(spec.recipe, spec.zoom.timeline.keyframes);
  if (const auto size = reduce(source, spec.recipe, reduced_zoom_px, context.notices()))
    setup.recipe.size = setup.found.size = size;
  if (!context.ensure_network(spec.recipe.model)) return cancelled_result();
  return make_zoom(context, std::move(setup), spec.zoom, source, output);
}

namespace {

// Errors: as make_video.
JobResult dream_video(JobContext& context, const PlannedVideo& video) {
  const JobSpec& spec = context.spec;
  check_input(video.input, video.output.path);
  check_video_output(video.output, false);
  if (!context.ensure_network(spec.recipe.model)) return cancelled_result();
  return make_video(context, setup_of(spec.recipe, spec.video.timeline.keyframes), spec.video,
                    video.input, "", video.output);
}

// One that fails does not keep the others from being dreamed.
JobResult dream_videos(JobContext& context, const std::vector<PlannedVideo>& videos) {
  JobResult result;
  result.inputs = static_cast<int>(videos.size());
  for (const PlannedVideo& video : videos) {
    result.cancelled = result.cancelled || context.cancel.cancelled();
    if (result.cancelled) break;
    try {
      JobResult one = dream_video(context, video);
      result.cancelled = one.cancelled;
      std::move(one.videos.begin(), one.videos.end(), std::back_inserter(result.videos));
    } catch (const Error& error) {
      result.failures.push_back({video.input, error.what()});
      context.events.failed(result.failures.back());
    }
  }
  return result;
}

}  // namespace

JobResult run_video(JobContext& context) {
  const std::vector<PlannedVideo> videos = planned_videos(context.spec, context.notices());
  return videos.size() == 1 ? dream_video(context, videos.front()) : dream_videos(context, videos);
}

}  // namespace reverie
