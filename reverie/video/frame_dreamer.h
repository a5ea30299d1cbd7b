// frame_dreamer.h: dreams frames of a video, each with its own layers and strength.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/dream/dreamer.h"
#include "reverie/video/timeline.h"

namespace REVERIE_API reverie {

// The layers that a video wanders between, or dreams on together when it does not wander.
std::vector<LayerSpec> layers_to_wander(const Recipe& recipe, int wander, const Network& network,
                                        const NoticeSink& notices);

// Keeps the plans of the most recent layers. One caller at a time.
class FrameDreamer {
 public:
  // Recipes' size and start are left to the video, and match_tone to the caller, once a frame.
  // Nothing is compiled yet; layers are resolved when they are first dreamed on. plan_memory: see
  // DreamVariation. Errors: BadRecipe.
  FrameDreamer(Network network, const Recipe& recipe, Device device, NoticeSink notices,
               std::shared_ptr<const RecipeFiles> files = files_on_disk(),
               std::size_t plan_memory = default_plan_memory);

  const Network& network() const { return network_; }

  // Dreams on the canvas, [3,H,W], in place, `iterations` at each octave, by the state's recipe.
  // During a transition each layer takes its fraction of the steps. A frame cannot be cancelled:
  // only parts of `control` that concern whole frames are used. Errors: as Dreamer.
  void dream(Tensor& canvas, const FrameState& state, int frame, int iterations,
             DreamControl control);

 private:
  // Keeps at most `most` of them: each holds the plans of all octaves. `recipe` has the layers.
  Dreamer& dreamer_for(const Recipe& recipe, std::size_t most);

  Network network_;
  std::shared_ptr<PreparedNetwork> prepared_;  // which all dreamers share
  NoticeSink notices_;
  std::shared_ptr<const RecipeFiles> files_;
  std::size_t plan_memory_;
  std::deque<std::unique_ptr<Dreamer>> dreamers_;  // the last used is the first
};

}  // namespace reverie
