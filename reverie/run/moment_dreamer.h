// moment_dreamer.h: frames of a film, each dreamed with the layers and the strength of its moment.
#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "reverie/run/still.h"
#include "reverie/run/timeline.h"

namespace reverie {

// What a film wanders between, or stays at together when it does not.
std::vector<LayerSpec> layers_to_wander(const Recipe& recipe, int wander, const Network& network,
                                        const NoticeSink& notices);

// Keeps the plans of the layers that were used last. One caller at a time.
class MomentDreamer {
 public:
  // Of the recipe, size and start are the film's business, and tone is held by its caller, once a
  // frame. Nothing is compiled yet; layers are resolved when they are first dreamed on. Errors:
  // BadRecipe.
  MomentDreamer(Network network, const Recipe& recipe, Device device, NoticeSink notices);

  const Network& network() const { return network_; }

  // Dreams on the canvas, [3,H,W], in place, `iterations` at each octave. While one layer fades
  // into another each takes its share of the steps. A frame cannot be cancelled: what is no whole
  // frame is left out of `control`. Errors: as Dreamer.
  void dream(Tensor& canvas, const Moment& moment, int frame, int iterations, DreamControl control);

 private:
  Dreamer& dreamer_for(const std::vector<LayerSpec>& layers);

  Network network_;
  Recipe recipe_;
  Device device_;
  NoticeSink notices_;
  // The last used is the first; two are enough while one layer fades into another
  std::deque<std::pair<std::vector<LayerSpec>, std::unique_ptr<Dreamer>>> dreamers_;
};

}  // namespace reverie
