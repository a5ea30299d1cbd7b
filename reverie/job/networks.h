// networks.h: functions for applications that work with networks.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"
#include "reverie/model/zoo/zoo.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// The network that a recipe names, with the input transform that it states. Errors: as
// open_network.
Network open_network_of(const Recipe& recipe, NetworkOptions options, const NoticeSink& notices);

// The layers by full name; the network's default one where there are none. Errors: as
// resolve_layer.
std::vector<LayerSpec> resolved_layers(const Network& network,
                                       const std::vector<LayerSpec>& layers);

// "2.7 MB".
std::string bytes_text(std::uintmax_t bytes);

// "53.6 MB, unrestricted use": size and licence of a download.
std::string download_summary(const ZooNetwork& network);

}  // namespace reverie
