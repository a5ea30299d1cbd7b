// network_facts.h: facts about a network, as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"
#include "reverie/model/zoo/zoo.h"

namespace REVERIE_API reverie {

// "BGR, minus (104, 117, 123), times (1, 1, 1)".
std::string transform_text(const InputTransform& transform);

// The networks of the zoo that are not here and can be downloaded.
std::vector<const ZooNetwork*> absent_networks();

// The networks that are here, those that can be downloaded, and the folder, as a JSON object.
std::string networks_to_json();

// A network of the zoo, downloaded or not, as a JSON object: name, title, licence, input, layers
// and files.
std::string zoo_network_to_json(const ZooNetwork& network);

// An opened network as a JSON object: origin, checksums, layers, sizes; the licence is that of
// `famous`. Reads all weights.
// Errors: as verify_network.
std::string facts_to_json(const Network& network, const ZooNetwork* famous = nullptr);

}  // namespace reverie
