#include "reverie/video/zoom_pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/video/zoom_film.h"
#include "reverie/video/zoom_state.h"

namespace reverie {

ZoomPipeline::ZoomPipeline(const VideoTarget& target, const ZoomSettings& settings, Zoom& zoom,
                           Checkpoint& checkpoint)
    : target_(target),
      settings_(settings),
      zoom_(zoom),
      checkpoint_(checkpoint),
      resumed_(checkpoint.frames()) {}

ZoomPipelineResult ZoomPipeline::make(
    const CancelToken& cancel, const std::function<void(int frames, ConstView canvas)>& dreamed,
    const NoticeSink& notices) {
  check_output();
  while (checkpoint_.frames() < wanted() && !cancel.cancelled()) {
    // Later frames have nothing new to say
    next_frame(checkpoint_.frames() - resumed_ < 2 ? notices : NoticeSink());
    dreamed(checkpoint_.frames(), checkpoint_.canvas());
  }
  ZoomPipelineResult result;
  result.complete = checkpoint_.frames() >= wanted();
  result.frames = std::min(checkpoint_.frames(), settings_.frames);
  write(result.frames, result.complete, notices);
  if (!result.complete) return result;
  keep_state(notices);
  checkpoint_.remove_state();
  return result;
}

// Whether the video can be written is known before anything is dreamed.
void ZoomPipeline::check_output() const {
  if (target_.is_folder) return;
  try {
    film({}).check();
  } catch (...) {
    const int known = checkpoint_.base() ? checkpoint_.base()->frames : 0;
    if (checkpoint_.frames() == known) checkpoint_.remove_state();
    throw;
  }
}

ZoomFilm ZoomPipeline::film(const NoticeSink& notices) const {
  return {target_, settings_, checkpoint_, zoom_.first().shape(), notices};
}

void ZoomPipeline::next_frame(const NoticeSink& notices) {
  const int number = checkpoint_.frames();
  if (number == 0) {
    checkpoint_.canvas() = Tensor::copy_of(zoom_.first());
  } else {
    DreamControl control;
    control.notices = notices;
    zoom_.advance(checkpoint_.canvas(), number, control);
  }
  show_preview(target_.preview, number, checkpoint_.finish_frame());
}

void ZoomPipeline::write(int frames, bool complete, const NoticeSink& notices) const {
  if (!target_.is_folder) return film(notices).write(frames, complete);
  if (!complete) return;
  if (frames_to_dream(settings_) > settings_.frames) write_dissolved(frames);
  if (settings_.palindrome) write_way_back(frames);
}

void ZoomPipeline::write_dissolved(int frames) const {
  const CheckpointPaths paths = checkpoint_paths(target_.output, true);
  make_folder(paths.frames);
  ImageOptions options;
  options.overwrite = true;
  options.bits = target_.form.bits;
  options.quality = target_.form.quality;
  options.recipe = target_.form.recipe;
  const ZoomFilm mixed = film({});
  for (int frame = 0; frame < frames; ++frame)
    write_image(paths.frame(frame), mixed.final_frame(frame, true), options);
}

// The frames of a palindrome that come back, as files of their own.
void ZoomPipeline::write_way_back(int frames) const {
  for (int frame = frames - 2, number = frames; frame > 0; --frame, ++number)
    write_atomically(checkpoint_.frame_path(number), read_file(checkpoint_.frame_path(frame)),
                     true);
}

bool ZoomPipeline::may_grow(const NoticeSink& notices) const {
  if (target_.keep_state == StateKeeping::no) return false;
  const auto bytes = static_cast<double>(zoom_.first().size()) * sizeof(float);
  constexpr double small = 100e6;
  std::string reason;
  if (wanted() > settings_.frames)
    reason = "a loop that dissolves cannot grow";
  else if (target_.keep_state == StateKeeping::automatic && bytes > small)
    reason = fmt::format(
        "its state takes {:.0f} MB; --keep-state yes keeps it, so that more "
        "frames can go on from there",
        bytes / 1e6);
  else if (checkpoint_.frames() > wanted())
    reason = "more frames than these were dreamed";
  if (reason.empty()) return true;
  notify(notices, fmt::format("{}: no state is kept: {}", target_.output.string(), reason));
  return false;
}

void ZoomPipeline::keep_state(const NoticeSink& notices) const {
  const std::filesystem::path path = zoom_state_path(target_.output);
  ZoomState state;
  state.frames = plain_frames(settings_);
  if (may_grow(notices))
    if (std::optional<Tensor> canvas = checkpoint_.canvas_of(state.frames - 1)) {
      state.document = checkpoint_.document();
      state.canvas = std::move(*canvas);
      if (!target_.is_folder) film({}).note_pictures(state);
      if (target_.is_folder || !state.forward.empty()) return write_zoom_state(path, state);
    }
  // What is there belongs to another video, unless this one has grown from it
  if (checkpoint_.base() && target_.keep_state != StateKeeping::no) return;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace reverie
