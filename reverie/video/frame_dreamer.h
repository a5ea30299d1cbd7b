// frame_dreamer.h: frames of a video, each dreamed with the layers and the strength of its moment.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/dream/dreamer.h"
#include "reverie/video/timeline.h"

namespace REVERIE_API reverie {

// What a video wanders between, or stays at together when it does not.
std::vector<LayerSpec> layers_to_wander(const Recipe& recipe, int wander, const Network& network,
                                        const NoticeSink& notices);

// Keeps the plans of the layers that were used last. One caller at a time.
class FrameDreamer {
 public:
  // Of the recipe, size and start are the video's business, and tone is held by its caller, once a
  // frame. Nothing is compiled yet; layers are resolved when they are first dreamed on.
  // plan_memory: see DreamVariation. Errors: BadRecipe.
  FrameDreamer(Network network, const Recipe& recipe, Device device, NoticeSink notices,
               std::shared_ptr<const RecipeFiles> files = files_on_disk(),
               std::size_t plan_memory = default_plan_memory);

  const Network& network() const { return network_; }

  // Dreams on the canvas, [3,H,W], in place, `iterations` at each octave. While one layer fades
  // into another each takes its share of the steps. A frame cannot be cancelled: what is no whole
  // frame is left out of `control`. Errors: as Dreamer.
  void dream(Tensor& canvas, const FrameState& state, int frame, int iterations,
             DreamControl control);

 private:
  // Keeps as many as `most`: each holds the plans of all octaves.
  Dreamer& dreamer_for(const LayerWeight& layer, std::size_t most);

  Network network_;
  Recipe recipe_;
  std::shared_ptr<PreparedNetwork> prepared_;  // which all dreamers share
  NoticeSink notices_;
  std::shared_ptr<const RecipeFiles> files_;
  std::size_t plan_memory_;
  struct Kept {
    std::vector<LayerSpec> layers;
    std::vector<GuideSpec> guides;
    std::unique_ptr<Dreamer> dreamer;
  };
  std::deque<Kept> dreamers_;  // the last used is the first
};

}  // namespace reverie
