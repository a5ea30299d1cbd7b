#include "reverie/video/zoom_pipeline.h"

#include <algorithm>

#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"

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
  if (result.complete) checkpoint_.remove_state();
  return result;
}

// Whether the video can be written is known before anything is dreamed.
void ZoomPipeline::check_output() const {
  if (target_.is_folder) return;
  try {
    open_output({});
  } catch (...) {
    if (checkpoint_.frames() == 0) checkpoint_.remove_state();
    throw;
  }
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

// A frame of the finished video; in a loop the first ones come out of those past the end.
Image ZoomPipeline::final_frame(int frame, bool complete) const {
  Image picture = checkpoint_.read(frame);
  const double weight = complete ? loop_weight(settings_, frame) : 0;
  if (weight == 0) return picture;
  const Image beyond = checkpoint_.read(settings_.frames + frame);
  for (std::int64_t i = 0; i < picture.color.size(); ++i)
    picture.color[i] += static_cast<float>(weight) * (beyond.color[i] - picture.color[i]);
  return picture;
}

void ZoomPipeline::write(int frames, bool complete, const NoticeSink& notices) const {
  if (!target_.is_folder)
    write_video(frames, complete, notices);
  else if (settings_.loop > 0 && complete)
    write_folder(frames);
}

VideoOutput ZoomPipeline::open_output(const NoticeSink& notices) const {
  VideoOptions form = target_.form;
  form.fps = settings_.fps;
  const Shape& shape = zoom_.first().shape();
  return {checkpoint_, target_.output, shape.width(), shape.height(), form, notices};
}

void ZoomPipeline::write_video(int frames, bool complete, const NoticeSink& notices) const {
  VideoOutput video = open_output(notices);
  for (int frame = 0; frame < frames; ++frame) video.add(final_frame(frame, complete));
  video.finish();
}

void ZoomPipeline::write_folder(int frames) const {
  make_folder(target_.output);
  ImageOptions options;
  options.overwrite = true;
  options.recipe = target_.form.recipe;
  for (int frame = 0; frame < frames; ++frame)
    write_image(target_.output / checkpoint_.frame_path(frame).filename(), final_frame(frame, true),
                options);
}

}  // namespace reverie
