// layer_list.h: the layers of a network that can be dreamed on, with facts about each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"

namespace REVERIE_API reverie {

struct ListedLayer {
  std::string name, type;
  std::int64_t channels = 0;
  // px of the canvas along y: the distance between two positions, and the receptive field of one;
  // 0: it depends on the whole canvas.
  std::int64_t stride = 0, receptive_field = 0;
  double gflop_per_megapixel = 0;  // of one gradient
  // Width and height of the layer on the canvas; none: not at that size, or no size was given.
  std::optional<std::pair<std::int64_t, std::int64_t>> size;
  bool is_default = false, is_good = false;
  std::vector<std::string> looks;  // that amplify it
  std::vector<std::string> aliases;
};

// In the order of the graph. `height` and `width` are the canvas's, in px; 0: no canvas.
std::vector<ListedLayer> list_layers(const Network& network, std::int64_t height,
                                     std::int64_t width);

// These layers as a JSON object, with the network's name and its default layer.
std::string layers_to_json(const Network& network, const std::vector<ListedLayer>& layers);

// The smallest side of a picture that the default layer works on; 0 where that is unknown.
int min_picture_side(const Network& network);

}  // namespace reverie
