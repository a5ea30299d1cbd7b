// ranking.h: which channels of some layers respond to a picture, or to a place in it, and where in
// the picture a channel responds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"
#include "reverie/plan/plan.h"
#include "reverie/recipe/layer_spec.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// How much a channel responds to a picture.
struct ChannelResponse {
  int channel;
  double value;  // the mean of its activations, or the one at a place
};

// Layers of a network, prepared for many pictures: the weights are prepared once, the plan of the
// last size is kept, and one look() serves all layers and places. One caller at a time.
class ChannelRanker {
 public:
  // Errors: as bind() and make_compiler().
  ChannelRanker(const Network& network, const std::vector<std::string>& layers, Precision precision,
                Device device);
  ~ChannelRanker();
  ChannelRanker(ChannelRanker&&) noexcept;
  ChannelRanker& operator=(ChannelRanker&&) noexcept;

  // Computes the layers for a picture, [3,H,W] display units, at its own size. Compiles only where
  // that is not the size of the last picture. Errors: BadShape for a picture too small for a layer.
  void look(ConstView picture);

  // All channels of a layer, by its index in the constructor's list, the strongest first; of those
  // that respond equally, the lower number first. `at` is a place in the picture; none: the mean
  // over it. REQUIRES: look() was called.
  std::vector<ChannelResponse> ranked(std::size_t layer, const std::optional<Place>& at = {}) const;

  // Where a channel responds: its activation [1,h,w] as a grey picture, 0..255, at the layer's own
  // resolution. The strongest response is white; no response, or a negative one, is black.
  // REQUIRES: look() was called. Errors: BadRecipe for a channel that the layer does not have.
  Tensor heat_map(std::size_t layer, int channel) const;

 private:
  ConstView activation(std::size_t layer) const;

  std::unique_ptr<Compiler> compiler_;
  std::unique_ptr<Plan> plan_;  // of the last size
  std::vector<int> targets_;    // of each layer, in the plan
};

}  // namespace reverie
