#include "reverie/video/zoom.h"

#include <algorithm>

#include "reverie/dream/engine_options.h"
#include "reverie/video/loop_end.h"

namespace reverie {
Zoom::Zoom(Network network, const Recipe& recipe, const ZoomSettings& settings, const Image& source,
           Device device, NoticeSink notices, std::shared_ptr<const RecipeFiles> files,
           std::size_t plan_memory, const SoundAnalysis* sound)
    :  // Every frame after the first starts from the one before
      dreamer_(std::move(network), recipe, device, notices, std::move(files), plan_memory),
      first_(start_canvas(recipe, sized_for_dream(source, recipe.size).color, 0)),
      tone_(tone_of(first_)) {
  const Shape& shape = first_.shape();
  timeline_ = std::make_unique<Timeline>(
      settings, recipe,
      layers_to_wander(recipe, settings.timeline.wander, dreamer_.network(), notices),
      shape.width(), shape.height(), sound);
  end_ = std::make_unique<LoopEnd>(first_, settings, *timeline_);
}

Zoom::~Zoom() = default;

void Zoom::advance(Tensor& canvas, int frame, DreamControl control) {
  const FrameState state = timeline_->at(frame);

  // Look from a little nearer
  Tensor moved = Tensor::uninitialized(canvas.shape());
  move_camera(canvas, state.move, moved);
  if (state.recipe.clip)
    for (float& v : moved.elements()) v = std::clamp(v, 0.f, 255.f);

  // Dream, and bring it back to the light of the first frame; at a loop's end to that frame itself
  dreamer_.dream(moved, state, frame, state.recipe.iterations, std::move(control));
  match_tone(moved, tone_, state.recipe.match_tone, state.recipe.clip);
  end_->draw_near(moved, frame, state.recipe.clip);
  canvas = std::move(moved);
}

double dissolve_weight(const ZoomSettings& settings, int frame) {
  if (settings.loop_style != LoopStyle::dissolve || frame >= settings.loop) return 0;
  return 1 - eased(Easing::smooth, static_cast<double>(frame) / settings.loop);
}

}  // namespace reverie
