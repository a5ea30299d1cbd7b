#include "reverie/video/video_pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/sequence/animated_webp.h"
#include "reverie/codec/sequence/picture_sequence.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Runs on its own thread, beside the dream: with one thread, for those of the dream are busy.
template <class Work>
std::jthread beside(std::exception_ptr& error, Work work) {
  return std::jthread([&error, work] {
    try {
      set_thread_count(1);
      work();
    } catch (...) {
      error = std::current_exception();
    }
  });
}

// Closes channels when it goes, whatever happened, so that no thread waits for ever.
template <class A, class B>
class Closing {
 public:
  Closing(A& a, B& b) : a_(a), b_(b) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    a_.close();
    b_.close();
  }

 private:
  A& a_;
  B& b_;
};

}  // namespace

VideoPipeline::VideoPipeline(const VideoPipelineOptions& options, VideoSource& source, Video& video,
                             Checkpoint& checkpoint)
    : options_(options),
      source_(source),
      video_(video),
      checkpoint_(checkpoint),
      resumed_(checkpoint.frames()),
      canvas_(resumed_ > 0 ? checkpoint.canvas().clone() : Tensor()) {
  // The frame before the first new one is what that one moves from
  source_.want_pictures_from(std::max(resumed_ - 1, 0));
}

VideoPipelineResult VideoPipeline::make(
    const CancelToken& cancel, const std::function<void(int frames, ConstView canvas)>& dreamed,
    const NoticeSink& notices) {
  try {
    make_frames(cancel, dreamed, notices);
  } catch (...) {
    // Where there is nothing to go on with, nothing stays
    if (checkpoint_.frames() == 0) checkpoint_.remove_state();
    throw;
  }
  try {
    finish_video();
  } catch (const CodecFailure& error) {
    throw CodecFailure(advised(error.what(), ", with --sound none where its sound is refused"));
  } catch (const FileFailure& error) {
    throw FileFailure(advised(error.what(), ""));
  }
  return result_;
}

// Says how to go on with what is finished.
std::string VideoPipeline::advised(const std::string& error, const std::string& change) const {
  if (checkpoint_.frames() == 0) return error;
  return fmt::format(
      "{}; {} finished frames are kept in '{}': run the same command again to go "
      "on{}",
      error, checkpoint_.frames(), checkpoint_.frame_path(0).parent_path().string(), change);
}

void VideoPipeline::make_frames(const CancelToken& cancel,
                                const std::function<void(int frames, ConstView canvas)>& dreamed,
                                const NoticeSink& notices) {
  {
    const std::jthread reader = beside(read_error_, [this] { read(); });
    const std::jthread writer = beside(write_error_, [this] { write(); });
    const Closing closing(frames_, made_);
    dream(cancel, dreamed, notices);
  }
  try {
    if (write_error_) std::rethrow_exception(write_error_);
  } catch (const FileFailure& error) {
    throw FileFailure(advised(error.what(), ""));
  }
  if (read_error_) std::rethrow_exception(read_error_);
  result_.frames = written_;
  result_.skipped_packets = source_.skipped_packets();
  if (written_ == 0 && result_.complete)
    throw BadImage(fmt::format("'{}' has no readable frame between --start and --end",
                               options_.video.string()));
}

void VideoPipeline::read() {
  const Closing closing(frames_, frames_);
  for (VideoFrame frame; source_.next(frame);)
    if (!frames_.push(std::move(frame))) return;
}

void VideoPipeline::dream(const CancelToken& cancel,
                          const std::function<void(int frames, ConstView canvas)>& dreamed,
                          const NoticeSink& notices) {
  while (std::optional<VideoFrame> frame = frames_.pop()) {
    // Whether its streams can be written is known before anything is dreamed
    if (!options_.is_folder && !output_)
      open_video(frame->picture ? frame->picture->shape() : canvas_.shape(), notices);
    if (frame->number < resumed_) {
      if (!made_.push({frame->time, {}, {}})) return;
      continue;
    }
    // Frames that are there go into the video in any case
    if (cancel.cancelled()) return;
    dream(*frame, frame->number - resumed_ < 2 ? notices : NoticeSink());
    if (!made_.push({frame->time, canvas_.clone(), frame->alpha})) return;
    dreamed(frame->number + 1, canvas_);
  }
  result_.complete = true;
}

void VideoPipeline::dream(const VideoFrame& frame, const NoticeSink& notices) {
  DreamControl control;
  control.notices = notices;
  const double sound_offset = options_.music.video.empty() ? source_.offset() : 0;
  video_.go_to(frame.number, source_.info().unit.seconds(frame.time.start), sound_offset);
  if (!frame.before || video_.is_cut(frame.motion)) {
    ++result_.scenes;
    return video_.begin(*frame.picture, control, canvas_);
  }
  if (options_.measure) last_canvas_ = canvas_.clone();
  video_.go_on(*frame.before, *frame.picture, frame.motion, control, canvas_);
  if (options_.measure) measure(frame);
}

void VideoPipeline::measure(const VideoFrame& frame) {
  const int count = ++result_.measured;
  const double seen = flicker(*frame.before, *frame.picture, frame.motion, scratch_);
  const double dreamed = flicker(last_canvas_, canvas_, frame.motion, scratch_);
  result_.source_flicker += (seen - result_.source_flicker) / count;
  result_.flicker += (dreamed - result_.flicker) / count;
}

void VideoPipeline::write() {
  const Closing closing(made_, made_);
  while (std::optional<Made> made = made_.pop()) write(std::move(*made));
}

void VideoPipeline::write(Made made) {
  Image picture;
  if (made.canvas.empty()) {
    picture = checkpoint_.read(written_);
  } else {
    checkpoint_.canvas() = std::move(made.canvas);
    picture = checkpoint_.finish_frame(made.alpha ? made.alpha->clone() : Tensor());
  }
  if (output_) output_->add(picture, made.time);
  ++written_;
  show_preview(options_.preview, written_ - 1, picture);
}

void VideoPipeline::open_video(const Shape& frame, const NoticeSink& notices) {
  const VideoInfo& info = source_.info();
  VideoOptions form = options_.form;
  if (info.fps > 0) form.fps = std::clamp(info.fps, 0.01, 1000.0);
  form.unit = info.unit;
  form.pixel_width = info.pixel_width;
  form.pixel_height = info.pixel_height;
  form.alpha = info.alpha && options_.keep_alpha;
  if (!is_picture_sequence(options_.video) && !is_webp(options_.video))
    form.remux = {options_.video, source_.offset(), options_.sound};
  form.music = options_.music;
  output_.emplace(checkpoint_, options_.output, frame.width(), frame.height(), form, notices);
}

void VideoPipeline::finish_video() {
  // A sound of its own goes no further than the pictures
  const bool cut = !result_.complete || options_.end > 0 || !options_.music.video.empty();
  if (output_ && written_ > 0) output_->finish(cut);
  if (result_.complete) checkpoint_.remove_state();
}

}  // namespace reverie
