#include "reverie/video/video.h"

#include <algorithm>

#include "reverie/dream/engine_options.h"
#include "reverie/image/tone.h"
#include "reverie/octave/mask.h"

namespace reverie {

Video::Video(Network network, const Recipe& recipe, const VideoSettings& settings, Device device,
             NoticeSink notices, std::shared_ptr<const RecipeFiles> files, std::size_t plan_memory)
    : recipe_(recipe),
      settings_((validate(settings), settings)),
      dreamer_(std::move(network), recipe, device, notices, files, plan_memory),
      timeline_(settings,
                layers_to_wander(recipe, settings.timeline.wander, dreamer_.network(), notices),
                recipe.seed) {
  if (!recipe.mask.empty()) mask_picture_ = mask_values(files->picture(recipe.mask, notices));
}

ConstView Video::mask_for(ConstView source) {
  if (mask_picture_.empty()) return {};
  const Size size{source.shape().height(), source.shape().width()};
  if (mask_.empty() || mask_.shape() != Shape{1, size.height, size.width})
    mask_ = make_mask(mask_picture_, size, {recipe_.mask_invert, recipe_.mask_feather});
  return mask_;
}

void Video::begin(ConstView source, int frame, const DreamControl& control, Tensor& canvas) {
  canvas = start_canvas(recipe_, source, static_cast<std::uint32_t>(frame));
  dream(source, frame, recipe_.iterations, control, canvas);
}

void Video::go_on(ConstView before, ConstView source, const Motion& motion, int frame,
                  const DreamControl& control, Tensor& canvas) {
  // What was dreamed, where it is now; what has just come into sight has none
  for (std::int64_t i = 0; i < canvas.size(); ++i) canvas[i] -= before.data()[i];
  if (moved_.empty() || moved_.shape() != canvas.shape())
    moved_ = Tensor::uninitialized(canvas.shape());
  warp(canvas, motion.flow, moved_);
  const bool dreams = frame % settings_.every == 0;
  const auto carry = static_cast<float>(dreams ? settings_.temporal_blend : 1);
  const std::int64_t pixels = motion.confidence.size();
  const ConstView mask = mask_for(source);
  for (std::int64_t i = 0; i < canvas.size(); ++i) {
    float weight = carry * motion.confidence[i % pixels];
    if (!mask.empty()) weight *= mask.data()[i % pixels];
    const float value = source.data()[i] + weight * moved_[i];
    canvas[i] = recipe_.clip ? std::clamp(value, 0.f, 255.f) : value;
  }
  dream(source, frame, dreams ? settings_.carried_iterations : 0, control, canvas);
}

void Video::dream(ConstView source, int frame, int iterations, const DreamControl& control,
                  Tensor& canvas) {
  // Timelines count frames from 1
  if (iterations > 0) dreamer_.dream(canvas, timeline_.at(frame + 1), frame, iterations, control);
  const ConstView mask = mask_for(source);
  match_tone(canvas, tone_of(source, mask), recipe_.match_tone, recipe_.clip, mask);
}

}  // namespace reverie
