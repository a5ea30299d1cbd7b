// A zoom as the program has it that the preset `recursive` follows: its files and their names.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/job/outputs.h"
#include "reverie/job/video_job.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/recursive_zoom.h"
#include "reverie/video/zoom_state.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

constexpr int opencv_quality = 95, pillow_quality = 75;

// The pixels of the zoom; the program knows whole ones only. Errors: BadJob.
int crop_px(const ZoomStep& zoom) {
  const int px = static_cast<int>(zoom.value);
  if (zoom.unit != ZoomStep::Unit::px || px != zoom.value || px < 0)
    throw BadJob(fmt::format(
        "--zoom is '{}', expected a whole number of pixels with --preset recursive --faithful",
        to_string(zoom)));
  return px;
}

// Errors: BadJob for what the program cannot do.
void check_settings(const ZoomSettings& settings) {
  ZoomSettings plain;
  plain.frames = settings.frames;
  plain.fps = settings.fps;
  plain.camera.zoom = settings.camera.zoom;
  if (settings != plain)
    throw BadJob(
        "with --preset recursive --faithful a zoom has --frames, --fps and --zoom alone; leave its "
        "other settings out, or --faithful");
}

class RecursiveFrames {
 public:
  // Errors: CodecFailure; FileFailure.
  RecursiveFrames(JobContext& context, const std::string& name)
      : context_(context), folder_(fs::path("dream") / name), output_(context.spec.output) {
    if (output_.path.empty()) output_.path = name + ".avi";
    std::error_code ignored;
    if (!output_.overwrite && fs::exists(state_path(), ignored))
      there_ = read_zoom_state(state_path());
    check_video_output(output_.path, form());
  }

  // Makes the folder. What is in it goes on only as the same dream. Errors: BadRecipe; FileFailure.
  void begin(const DreamDocument& document) {
    state_.document = document;
    if (there_) check_same(document);
    make_folder(folder_);
    state_.frames = there_ ? there_->frames : 1;
    if (state_keeping(output_) != StateKeeping::no) write_zoom_state(state_path(), state_);
  }

  // The frames on disk are what goes on. Errors: FileFailure.
  void keep_state() {
    state_.frames = std::max(last_, 1);
    std::error_code ignored;
    if (state_keeping(output_) == StateKeeping::no)
      fs::remove(state_path(), ignored);
    else
      write_zoom_state(state_path(), state_);
  }

  // Makes the frames that are missing. Returns how many.
  int make(RecursiveZoom& zoom, const Image& source) {
    if (!fs::exists(path(0)))
      write(0, sized_for_dream(source, context_.spec.recipe.size), opencv_quality);
    const auto begin = std::chrono::steady_clock::now();
    const int frames = wanted();
    int made = 0;
    for (int number = 1; number <= frames && !context_.cancel.cancelled(); ++number) {
      last_ = number;
      if (fs::exists(path(number))) continue;
      const Image frame = zoom.next(read_image(path(number - 1)), number, {});
      write(number, frame, pillow_quality);
      tell(number, frames, ++made / seconds_since(begin), frame.color);
    }
    return made;
  }

  // Puts all frames together, none left out.
  VideoReport write_video() const {
    const Image first = read_image(path(0));
    VideoWriter video(output_.path, first.width(), first.height(), form(), context_.notices());
    for (int number = 0; number <= last_; ++number) video.add(read_image(path(number)));
    video.finish();
    VideoReport report;
    report.output = output_.path;
    report.folder = folder_.string();
    report.frames = last_ + 1;
    report.width = first.width();
    report.height = first.height();
    report.fps = context_.spec.zoom.fps;
    report.cancelled = last_ < wanted();
    return report;
  }

 private:
  VideoOptions form() const {
    VideoOptions options = video_form(output_);
    options.codec = VideoCodec::automatic;
    options.fps = context_.spec.zoom.fps;
    options.overwrite = output_.overwrite || there_;
    return options;
  }
  fs::path state_path() const { return zoom_state_path(output_.path); }
  void check_same(const DreamDocument& document) const {
    if (const std::string other = frames_difference(there_->document, document); !other.empty())
      throw BadRecipe(
          fmt::format("'{}' holds the frames of another dream ({}); choose another --name, or "
                      "remove them",
                      folder_.string(), other));
    const int frames = wanted();
    std::error_code ignored;
    if (frames <= there_->frames && fs::exists(output_.path, ignored))
      throw BadRecipe(fmt::format("'{}' has its {} frames already; more --frames go on from there",
                                  output_.path, there_->frames));
  }
  int wanted() const {
    const int frames = context_.spec.zoom.frames;
    return frames > 0 ? frames : default_zoom_frames;
  }
  fs::path path(int number) const { return folder_ / fmt::format("img_{}.jpg", number); }
  void write(int number, const Image& frame, int quality) const {
    ImageOptions options;
    options.quality = quality;
    write_image(path(number), frame, options);
  }
  void tell(int number, int frames, double pace, ConstView canvas) const {
    JobProgress progress;
    progress.unit = JobProgress::Unit::frame;
    progress.subject = folder_.string();
    progress.done = number;
    progress.total = frames;
    progress.fraction = static_cast<double>(number) / frames;
    progress.per_second = pace;
    progress.seconds_left = (frames - number) / pace;
    context_.events.progress(progress);
    context_.events.preview(progress, canvas);
  }

  JobContext& context_;
  fs::path folder_;
  OutputSpec output_;
  std::optional<ZoomState> there_;  // of an earlier run
  ZoomState state_;
  int last_ = 0;
};

DreamDocument document_of(const SourcePicture& source, const Network& network,
                          JobContext& context) {
  const JobSpec& spec = context.spec;
  DreamSetup setup = setup_of(spec.recipe);
  DreamDocument document = make_document(setup, network, spec.recipe.layers.empty(), context);
  document.source = source.identity;
  document.zoom = spec.zoom;
  return document;
}

}  // namespace

bool is_faithful_recursion(const JobSpec& spec) {
  return spec.kind == JobKind::zoom && spec.recipe.preset == "recursive" && spec.recipe.faithful;
}

JobResult make_recursive_zoom(JobContext& context) {
  const JobSpec& spec = context.spec;
  check_settings(spec.zoom);
  const int px = crop_px(spec.zoom.camera.zoom);
  const SourcePicture source = read_source(spec.inputs.at(0), spec.recipe, context.notices());
  JobResult result;
  result.inputs = 1;
  result.cancelled = !context.ensure_network(spec.recipe.model);
  if (result.cancelled) return result;
  RecursiveFrames frames(context, spec.name.empty() ? stem_of(spec.inputs.at(0)) : spec.name);
  Network network = context.open_network(spec.recipe);
  frames.begin(document_of(source, network, context));
  RecursiveZoom zoom(std::move(network), spec.recipe, px, spec.machine.device, context.notices(),
                     context.files);
  const auto begin = std::chrono::steady_clock::now();
  const int made = frames.make(zoom, source.image);
  VideoReport report = frames.write_video();
  frames.keep_state();
  report.resumed = report.frames - made;
  report.seconds = seconds_since(begin);
  result.cancelled = report.cancelled;
  result.videos.push_back(std::move(report));
  return result;
}

}  // namespace reverie
