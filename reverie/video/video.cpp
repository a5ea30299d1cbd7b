#include "reverie/video/video.h"

#include <algorithm>

#include "reverie/dream/engine_options.h"
#include "reverie/image/tone.h"

namespace reverie {

Video::Video(Network network, const Recipe& recipe, const VideoSettings& settings, Device device,
             NoticeSink notices, std::shared_ptr<const RecipeFiles> files, std::size_t plan_memory,
             double fps, const SoundAnalysis* sound)
    : recipe_(recipe),
      settings_((validate(settings), settings)),
      dreamer_(std::move(network), recipe, device, notices, files, plan_memory),
      timeline_(settings, recipe,
                layers_to_wander(recipe, settings.timeline.wander, dreamer_.network(), notices),
                fps, sound),
      mask_(recipe, *files, notices) {}

// Timelines count frames from 1.
void Video::go_to(int frame, std::optional<double> seconds, double sound_offset) {
  frame_ = frame;
  state_ = seconds ? timeline_.at({frame + 1, *seconds, sound_offset}) : timeline_.at(frame + 1);
}

ConstView Video::mask_for(ConstView source) {
  return mask_.at(source.shape().height(), source.shape().width(), state_.recipe);
}

void Video::begin(ConstView source, const DreamControl& control, Tensor& canvas) {
  canvas = start_canvas(recipe_, source, static_cast<std::uint32_t>(frame_));
  dream(source, state_.recipe.iterations, control, canvas);
}

void Video::go_on(ConstView before, ConstView source, const Motion& motion,
                  const DreamControl& control, Tensor& canvas) {
  // What was dreamed, where it is now; what has just come into sight has none
  for (std::int64_t i = 0; i < canvas.size(); ++i) canvas[i] -= before.data()[i];
  if (moved_.empty() || moved_.shape() != canvas.shape())
    moved_ = Tensor::uninitialized(canvas.shape());
  warp(canvas, motion.flow, moved_);
  const bool dreams = frame_ % settings_.every == 0;
  const auto carry = static_cast<float>(dreams ? state_.temporal_blend : 1);
  const std::int64_t pixels = motion.confidence.size();
  const ConstView mask = mask_for(source);
  for (std::int64_t i = 0; i < canvas.size(); ++i) {
    float weight = carry * motion.confidence[i % pixels];
    if (!mask.empty()) weight *= mask.data()[i % pixels];
    const float value = source.data()[i] + weight * moved_[i];
    canvas[i] = state_.recipe.clip ? std::clamp(value, 0.f, 255.f) : value;
  }
  dream(source, dreams ? state_.carried_iterations : 0, control, canvas);
}

void Video::dream(ConstView source, int iterations, const DreamControl& control, Tensor& canvas) {
  if (iterations > 0) dreamer_.dream(canvas, state_, frame_, iterations, control);
  const ConstView mask = mask_for(source);
  const Recipe& recipe = state_.recipe;
  match_tone(canvas, tone_of(source, mask), recipe.match_tone, recipe.clip, mask);
}

}  // namespace reverie
