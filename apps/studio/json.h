// json.h: what the studio keeps, as the JSON of its API (docs/studio-api.md).
#pragma once

#include <string>
#include <vector>

#include "apps/studio/store.h"
#include "reverie/model/network.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie::studio {

std::string dream_json(const Dream& dream);
std::string dreams_json(const std::vector<Dream>& dreams);  // a list
std::string asset_json(const Asset& asset);
// A network of the zoo, here or not.
std::string network_json(const ZooNetwork& network);
// An opened one, with its layers where they are wanted.
std::string network_json(const Network& network, bool with_layers);

}  // namespace reverie::studio
